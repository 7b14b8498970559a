# shellcheck shell=bash disable=SC2034  # the suites use what is set here
# What the suites go by.

VERSION=2.19.14
# The package whose collections' tests are run: community.docker 5.4.0.
COLLECTIONS_VERSION=14.5.0
CACHE=$LAB_DIR/conformance
