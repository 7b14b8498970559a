//! Makes bad texts of good ones.

/// What breaks parsers: marks of their languages, the ends of ranges, odd letters.
const TOKENS: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "|",
    "(",
    ")",
    "[",
    "]",
    ":",
    ": ",
    "- ",
    "'",
    "\"",
    "\\",
    "&a ",
    "*a",
    "<<: *a",
    "!vault |",
    "!unsafe ",
    "---\n",
    "...\n",
    "\t",
    "\r\n",
    "\n",
    "\0",
    "\u{feff}",
    "\u{2028}",
    "é",
    "𝄞",
    "%YAML 1.1\n",
    "? ",
    "> ",
    "|2-\n",
    "#",
    ",",
    "=",
    "@",
    "!",
    "-1",
    "9223372036854775808",
    "1e999",
    "0o8",
    "0x",
    "~",
    "null",
    "yes",
    "[1:99999999]",
    "[a:z]",
    "include_tasks: site.yml\n",
    "import_playbook: site.yml\n",
    "when: ",
    "loop: ",
    "block:\n",
    "vars:\n",
    "$ANSIBLE_VAULT;1.1;AES256\n",
    " if ",
    " else ",
    " is ",
    " not ",
    " in ",
    "for x in ",
    "endfor",
    "omit",
    "hostvars",
    "range(9)",
    "**",
    "//",
    "~",
    ".x",
    "[0]",
];

/// A source of random changes; the same seed makes the same ones.
pub(super) struct Mangler(u64);

impl Mangler {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `end` (Marsaglia's xorshift).
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % end.max(1)
    }

    pub(super) fn choose<'c>(&mut self, corpus: &'c [(String, Vec<u8>)]) -> &'c (String, Vec<u8>) {
        &corpus[self.below(corpus.len())]
    }

    /// A text with one to four changes.
    pub(super) fn mangle(&mut self, text: &[u8], corpus: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut mangled = text.to_vec();
        for _ in 0..=self.below(4) {
            self.change(&mut mangled, corpus);
        }
        mangled
    }

    fn change(&mut self, text: &mut Vec<u8>, corpus: &[(String, Vec<u8>)]) {
        let at = self.below(text.len() + 1);
        let end = (at + self.below(24)).min(text.len());
        match self.below(7) {
            0 => drop(text.drain(at..end)),
            1 => {
                let copy = text[at..end].to_vec();
                text.splice(at..at, copy);
            }
            2 => text.truncate(at),
            3 if at < text.len() => text[at] ^= 1 << self.below(8),
            4 => {
                let (_, other) = self.choose(corpus);
                let from = self.below(other.len() + 1);
                let to = (from + self.below(80)).min(other.len());
                text.splice(at..end, other[from..to].iter().copied());
            }
            _ => {
                let token = TOKENS[self.below(TOKENS.len())];
                text.splice(at..at, token.bytes());
            }
        }
    }
}
