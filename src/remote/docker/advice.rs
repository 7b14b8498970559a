//! What the user can do about what an Engine says.

/// What the user can do about each refusal, by words in which Engines of all ages put it.
///
/// The first that fits is taken, so the more exact ones stand first.
const ADVICE: &[(&[&str], &str)] = &[
    (
        &["port is already allocated", "address already in use"],
        "something else on the host has this port (`docker ps` and `ss -ltnp` show what): \
         free it, or publish another",
    ),
    (
        &["manifest unknown", "manifest for ", "name unknown", "repository does not exist"],
        "are the image's name and tag right, and may this login see it?",
    ),
    (
        &["No such image", "no such image"],
        "are the image's name and tag right? the host has to pull, load or build it first",
    ),
    (
        &["unauthorized", "no basic auth credentials", "authentication required", "access denied"],
        "the registry wants a login that may do this: `docker_login`",
    ),
    (
        &["server gave HTTP response to HTTPS client"],
        "the registry speaks plain HTTP: name it in `insecure-registries` of the host's daemon.json",
    ),
    (
        &["certificate signed by unknown authority"],
        "put the registry's CA into /etc/docker/certs.d/REGISTRY/ca.crt on the host",
    ),
    (&["toomanyrequests"], "the registry limits pulls: log in, use a mirror, or wait"),
    (
        &["connection refused", "no such host", "i/o timeout", "no route to host"],
        "it is the host that connects to this address: is the name right, does the registry run, and \
         does a firewall or a missing proxy stand in between?",
    ),
    (
        &["no space left on device"],
        "`docker system df` and `df -h` on the host show what uses it up",
    ),
];

/// What the user can do about what an Engine says, where that is known.
pub(super) fn on(said: &str) -> Option<&'static str> {
    let fits = |words: &&[&str]| words.iter().any(|words| said.contains(words));
    ADVICE.iter().find(|(words, _)| fits(words)).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::on;

    #[test]
    fn finds_the_advice_that_fits() {
        let begins = |said: &str, with: &str| on(said).is_some_and(|text| text.starts_with(with));
        assert!(begins(
            "driver failed programming external connectivity on endpoint web: Bind for \
             0.0.0.0:80 failed: port is already allocated",
            "something else on the host has this port"
        ));
        assert!(begins(
            "manifest for registry:5000/web:2 not found: manifest unknown: manifest unknown",
            "are the image's name and tag right, and"
        ));
        assert!(begins(
            "pull access denied for web, repository does not exist or may require 'docker login'",
            "are the image's name and tag right, and"
        ));
        assert!(begins(
            "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused",
            "it is the host that connects"
        ));
        assert_eq!(on("network web has active endpoints"), None);
    }
}
