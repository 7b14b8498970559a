//! Did-you-mean.

/// The name closest to `given`, when at most a third of it differs.
///
/// Distance is Damerau-Levenshtein's: `wehn` is one slip away from `when`.
pub fn closest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = given.chars().count().max(3) / 3;
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// The help line for a misspelt name: the closest one, or where to find the names.
pub fn did_you_mean<'a>(
    given: &str,
    names: impl IntoIterator<Item = &'a str>,
    otherwise: impl Into<String>,
) -> String {
    closest(given, names).map_or_else(|| otherwise.into(), |name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_slips_and_refuses_strangers() {
        assert_eq!(closest("wehn", ["when", "with_items"]), Some("when"));
        assert_eq!(closest("contnet", ["content", "dest"]), Some("content"));
        assert_eq!(closest("banana", ["when", "with_items"]), None);
    }
}
