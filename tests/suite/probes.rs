//! Probes only look: every command word of every probe is on a list of commands that change
//! nothing, and no probe writes to a file.

use syn::visit::Visit;

use super::shell;
use super::source::{self, SourceFile};

/// Commands that only look, whatever they are given.
const LOOKS: &[&str] = &[
    // The shell's own; `set` and the like change nothing but the script itself.
    ":",
    "[",
    "break",
    "cd",
    "command",
    "continue",
    "echo",
    "exit",
    "export",
    "false",
    "local",
    "printf",
    "pwd",
    "read",
    "return",
    "set",
    "shift",
    "test",
    "trap",
    "true",
    "type",
    "ulimit",
    "umask",
    "unset",
    "wait",
    // Files and text.
    "basename",
    "cat",
    "cmp",
    "comm",
    "cut",
    "diff",
    "dirname",
    "du",
    "file",
    "getfacl",
    "grep",
    "head",
    "ls",
    "lsattr",
    "md5sum",
    "od",
    "paste",
    "readlink",
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "stat",
    "tail",
    "tr",
    "uniq",
    "wc",
    // The machine and its users.
    "df",
    "free",
    "getconf",
    "getent",
    "groups",
    "hostnamectl",
    "id",
    "lsblk",
    "lscpu",
    "lsmod",
    "lvs",
    "nproc",
    "pgrep",
    "printenv",
    "ps",
    "pvs",
    "uname",
    "uptime",
    "vgs",
    "whoami",
    // What is installed.
    "dpkg-query",
    "ldconfig",
];

/// Commands that look when their first argument is one of these.
const LOOKS_WITH: &[(&str, &[&str])] = &[
    ("apt-cache", &["madison", "policy", "show", "showpkg", "pkgnames"]),
    ("apt-get", &["-s"]),
    ("apk", &["info", "list", "version"]),
    ("dnf", &["check-update"]),
    ("docker", &["info", "version", "inspect"]),
    ("dockerd", &["--version"]),
    ("dpkg", &["-l", "-L", "-s", "--print-architecture", "--print-foreign-architectures"]),
    ("dpkg-deb", &["-f"]),
    ("gzip", &["-1c"]),
    ("ip", &["-o", "-4", "-6", "addr", "route", "link"]),
    ("openssl", &["version", "dgst", "x509", "passwd"]),
    ("pacman", &["-Q", "-Qu"]),
    ("perl", &["-MIO::Socket"]),
    ("python3", &["-V"]),
    ("rpm", &["-q", "-qa", "-E", "--eval"]),
    ("rc-service", &["-e", "-l"]),
    ("rc-update", &["show"]),
    (
        "systemctl",
        &[
            "cat",
            "is-active",
            "is-enabled",
            "is-system-running",
            "list-unit-files",
            "list-units",
            "show",
            "status",
            "--version",
        ],
    ),
    ("sysctl", &["-n", "-a"]),
    ("tar", &["-tf", "-tvf", "-xOf"]),
    ("timedatectl", &["show", "status"]),
    ("unzip", &["-l", "-Z", "-Z1"]),
    ("wget", &["-O-"]),
    ("yum", &["check-update"]),
    ("zypper", &["list-updates"]),
];

/// Commands that look unless one of their words is, or begins with, one of these.
const LOOKS_WITHOUT: &[(&str, &[&str])] = &[
    ("awk", &["system(", ">", "-i"]),
    ("curl", &["-o", "-O", "-T", "-d", "-X", "-F", "--data", "--form", "--output", "--request"]),
    ("date", &["-s", "--set"]),
    ("dd", &["of="]),
    ("find", &["-delete", "-fprint", "-fls", "-ok"]),
    ("hostname", &["-F", "-b"]),
    ("sed", &["-i", "--in-place", "w "]),
    ("sort", &["-o", "--output"]),
];

/// Commands whose arguments are a command.
const PREFIXES: &[&str] = &["exec", "nice", "timeout", "xargs", "busybox", "env", "eval"];

/// Words that are a variable: the probe (any where it is empty), and why it is harmless.
const VARIABLES: &[(&str, &str, &str)] = &[
    (
        "modules/setup/probe.sh",
        "\"$file\"",
        "local facts are programs that the host's owner put there to be asked",
    ),
    (
        "modules/pip/probe.sh",
        "\"$pip\"",
        "pip lists, and tries without an index and without installing",
    ),
    ("modules/unarchive/tarball.sh", "\"$tar\"", "tar only compares with `--diff`"),
    ("modules/unarchive/site.sh", "\"${tar:-false}\"", "tar tells its version"),
    ("", "\"$init_script\"", "init scripts are asked with `status` alone"),
    (
        "src/sdk/docker/helper.sh",
        "\"docker-credential-$1\"",
        "credential helpers are asked with `get` alone",
    ),
];

#[test]
fn probes_only_look() {
    let probes = probes();
    let faults: Vec<String> = probes
        .iter()
        .flat_map(|(name, script)| {
            faults(name, script).into_iter().map(move |fault| format!("{name}: {fault}"))
        })
        .collect();
    assert!(!probes.is_empty(), "no probe was found");
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn notices_a_probe_that_touches() {
    let said = |script: &str| faults("probe.sh", script).join("; ");
    assert_eq!(said("look() { stat -c %s \"$1\"; }\nlook \"$1\" 2>/dev/null # rm x"), "");
    assert_eq!(said("case $1 in a|rm) cat \"$1\" ;; esac"), "");
    assert_eq!(
        said("if [ -e \"$1\" ]; then rm \"$1\"; fi"),
        "line 1: `rm` is not known to only look"
    );
    assert_eq!(said("x=$(touch /tmp/x)"), "line 1: `touch` is not known to only look");
    assert_eq!(said("echo \"$(touch x)\""), "line 1: `touch` is not known to only look");
    assert_eq!(said("true &&\ntee x"), "line 2: `tee` is not known to only look");
    assert_eq!(said("cat x > y"), "line 1: it writes to `y`");
    assert_eq!(said("sed -i s/a/b/ x"), "line 1: `sed` with `-i` does not only look");
    assert_eq!(said("find . -exec rm {} +"), "line 1: `rm` is not known to only look");
    assert_eq!(
        said("systemctl restart x"),
        "line 1: `systemctl restart` is not known to only look"
    );
    assert_eq!(said("xargs -0 sh -c 'stat \"$@\"' sh"), "");
    assert_eq!(
        said("xargs -0 sh -c 'stat x\nrm x' sh"),
        "line 1: line 2: `rm` is not known to only look"
    );
    assert_eq!(said("sh -c \"$1\""), "line 1: `sh` is not known to only look");
    assert_eq!(said("timeout 5 rm x"), "line 1: `rm` is not known to only look");
    assert_eq!(said("\"$1\""), "line 1: `\"$1\"` is not known to only look");
}

/// Functions that the sdk puts in front of probes about files.
const SHARED: &str = "src/sdk/file/paths.sh";

fn shared() -> String {
    source::read(&source::root().join(SHARED))
}

/// Every script given to `Probe(…)`, with the file it stands in, or where it is put together.
fn probes() -> Vec<(String, String)> {
    let mut found = vec![(SHARED.to_owned(), shared())];
    for file in source::all() {
        let mut finder = Finder { file: &file, found: vec![] };
        finder.visit_file(&file.syntax);
        found.extend(finder.found);
    }
    found.sort();
    found.dedup();
    found
}

struct Finder<'a> {
    file: &'a SourceFile,
    found: Vec<(String, String)>,
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !source::is_test(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let is_probe = matches!(call.func.as_ref(), syn::Expr::Path(path)
            if path.path.segments.last().is_some_and(|part| part.ident == "Probe"));
        if is_probe {
            let script = call.args.first().and_then(|script| self.script(script));
            let script = script.unwrap_or_else(|| {
                panic!(
                    "{}: `Probe` takes a literal, `include_str!` or `concat!` of them",
                    self.file.path
                )
            });
            self.found.push(script);
        }
        syn::visit::visit_expr_call(self, call);
    }
}

impl Finder<'_> {
    fn script(&self, given: &syn::Expr) -> Option<(String, String)> {
        match given {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                Some((self.file.path.clone(), text.value()))
            }
            syn::Expr::Macro(call) if call.mac.path.is_ident("include_str") => {
                let name: syn::LitStr = call.mac.parse_body().ok()?;
                let folder = self.file.path.rsplit_once('/')?.0;
                let path = format!("{folder}/{}", name.value());
                let text = source::read(&source::root().join(&path));
                Some((path, text))
            }
            syn::Expr::Macro(call) if call.mac.path.is_ident("concat") => {
                let separated =
                    syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
                let pieces = call.mac.parse_body_with(separated).ok()?;
                let texts: Option<String> =
                    pieces.iter().map(|piece| Some(self.script(piece)?.1)).collect();
                Some((self.file.path.clone(), texts?))
            }
            _ => None,
        }
    }
}

/// What in a script may do more than look.
fn faults(name: &str, script: &str) -> Vec<String> {
    let commands = shell::commands(script);
    let shared = shell::commands(&shared());
    let functions: Vec<&str> = commands
        .iter()
        .chain(&shared)
        .filter_map(|command| command.words.first()?.strip_suffix("()"))
        .collect();
    commands
        .iter()
        .filter_map(|command| {
            let line = command.line;
            let fault = match command.writes.first() {
                Some(file) => Some(format!("it writes to `{file}`")),
                None => fault(name, &functions, &command.words),
            };
            fault.map(|fault| format!("line {line}: {fault}"))
        })
        .collect()
}

/// What one simple command may do besides looking.
fn fault(name: &str, functions: &[&str], words: &[String]) -> Option<String> {
    let (word, rest) = words.split_first()?;
    let word = word.as_str();
    if word.ends_with("()") || functions.contains(&word) || LOOKS.contains(&word) {
        return None;
    }
    let here = |file: &str| file.is_empty() || file == name;
    if VARIABLES.iter().any(|(file, variable, _)| here(file) && *variable == word) {
        return None;
    }
    if let ("sh", [option, script, ..]) = (word, rest)
        && option == "-c"
        && let Some(script) = script.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))
    {
        return faults(name, script).into_iter().next();
    }
    if PREFIXES.contains(&word) {
        let is_option = |word: &&String| {
            word.starts_with('-') || word.starts_with(|c: char| c.is_ascii_digit() || c == '"')
        };
        let skipped = if word == "xargs" || word == "timeout" || word == "env" || word == "nice" {
            rest.iter().take_while(|word| is_option(word) || word.contains('=')).count()
        } else {
            0
        };
        return fault(name, functions, &rest[skipped..]);
    }
    if let Some((_, known)) = LOOKS_WITH.iter().find(|(known, _)| *known == word) {
        let first = rest.first().map_or("", String::as_str);
        return (!known.contains(&first))
            .then(|| format!("`{word} {first}` is not known to only look"));
    }
    if let Some((_, bad)) = LOOKS_WITHOUT.iter().find(|(known, _)| *known == word) {
        if let Some(at) = rest.iter().position(|word| word == "-exec") {
            return fault(name, functions, &rest[at + 1..]);
        }
        return rest
            .iter()
            .find_map(|given| bad.iter().find(|bad| holds(given, bad)))
            .map(|bad| format!("`{word}` with `{bad}` does not only look"));
    }
    Some(format!("`{word}` is not known to only look"))
}

fn holds(given: &str, bad: &str) -> bool {
    if bad.starts_with('-') { given.starts_with(bad) } else { given.contains(bad) }
}
