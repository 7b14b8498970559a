# shellcheck shell=bash disable=SC2034  # both suites use what is set here
# What both suites go by.

VERSION=2.19.14
CACHE=$LAB_DIR/conformance
