//! Reads the simple commands out of a shell script, as far as probes need it.

/// A simple command of a script.
#[derive(Debug, PartialEq)]
pub(super) struct Command {
    /// Where it stands, from 1.
    pub(super) line: usize,
    /// Its words as they stand, quotes included, without the assignments before the first. The
    /// definition of a function is a command `name()`.
    pub(super) words: Vec<String>,
    /// The files it writes to.
    pub(super) writes: Vec<String>,
}

/// Every simple command of a script, also those in substitutions.
pub(super) fn commands(script: &str) -> Vec<Command> {
    let mut found = vec![];
    collect(script, 1, &mut found);
    found
}

fn collect(script: &str, line: usize, found: &mut Vec<Command>) {
    let mut lexer = Lexer { rest: script.chars().collect(), at: 0, line, inner: vec![] };
    let mut tokens = vec![];
    while let Some(token) = lexer.token() {
        tokens.push(token);
    }
    Parser { tokens, at: 0 }.list(found);
    for (inner, line) in lexer.inner {
        collect(&inner, line, found);
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Word(String),
    Operator(&'static str),
}

#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    line: usize,
}

struct Lexer {
    rest: Vec<char>,
    at: usize,
    line: usize,
    /// The scripts of command substitutions, each with its line.
    inner: Vec<(String, usize)>,
}

impl Lexer {
    /// Longest first.
    const OPERATORS: [&'static str; 17] = [
        ";;", "&&", "||", ">>", ">&", ">|", "<<", "<&", "\n", ";", "&", "|", "(", ")", "<", ">",
        "\r",
    ];

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.rest.get(self.at + index) == Some(&c))
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            if self.starts_with("\\\n") {
                self.next();
                self.next();
            } else if matches!(self.peek()?, ' ' | '\t') {
                self.next();
            } else if self.peek()? == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.next();
                }
            } else {
                break;
            }
        }
        let line = self.line;
        if let Some(operator) = Self::OPERATORS.into_iter().find(|text| self.starts_with(text)) {
            (0..operator.len()).for_each(|_| {
                self.next();
            });
            assert!(operator != "<<", "line {line}: probes have no here-documents");
            return Some(Token { kind: Kind::Operator(operator), line });
        }
        let word = self.word();
        let is_descriptor =
            word.chars().all(|c| c.is_ascii_digit()) && matches!(self.peek(), Some('<' | '>'));
        if is_descriptor { self.token() } else { Some(Token { kind: Kind::Word(word), line }) }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => self.until_quote(&mut word),
                '"' => {
                    word.extend(self.next());
                    while self.peek().is_some_and(|c| c != '"') {
                        self.piece(&mut word);
                    }
                    word.extend(self.next());
                }
                _ => self.piece(&mut word),
            }
        }
        word
    }

    fn until_quote(&mut self, word: &mut String) {
        word.extend(self.next());
        while let Some(c) = self.next() {
            word.push(c);
            if c == '\'' {
                break;
            }
        }
    }

    /// One character, escape or substitution.
    fn piece(&mut self, word: &mut String) {
        if self.starts_with("\\") {
            word.extend(self.next());
            word.extend(self.next());
        } else if self.starts_with("$((") {
            while self.peek().is_some() && !self.starts_with("))") {
                word.extend(self.next());
            }
            word.extend(self.next());
            word.extend(self.next());
        } else if self.starts_with("$(") {
            self.next();
            self.next();
            let line = self.line;
            let script = self.until_closed();
            word.push_str("$()");
            self.inner.push((script, line));
        } else if self.starts_with("${") {
            while self.peek().is_some_and(|c| c != '}') {
                if self.starts_with("$(") || self.starts_with("\\") {
                    self.piece(word);
                } else if self.starts_with("'") {
                    self.until_quote(word);
                } else {
                    word.extend(self.next());
                }
            }
            word.extend(self.next());
        } else {
            assert!(self.peek() != Some('`'), "line {}: write $( ) for backticks", self.line);
            word.extend(self.next());
        }
    }

    /// The script up to the parenthesis that closes it.
    fn until_closed(&mut self) -> String {
        let (mut script, mut depth) = (String::new(), 1);
        while let Some(c) = self.peek() {
            match c {
                '\'' => {
                    self.until_quote(&mut script);
                    continue;
                }
                '\\' => script.extend(self.next()),
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.next();
                break;
            }
            script.extend(self.next());
        }
        script
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    const KEYWORDS: [&'static str; 12] =
        ["if", "then", "else", "elif", "fi", "while", "until", "do", "done", "{", "}", "!"];

    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn is_operator(&self, text: &str) -> bool {
        self.peek()
            == Some(&Kind::Operator(match text {
                "(" => "(",
                ")" => ")",
                _ => ";;",
            }))
    }

    /// Reads commands up to the end, or to `;;` or `esac`.
    fn list(&mut self, found: &mut Vec<Command>) {
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match token.kind {
                Kind::Operator(";;") => return,
                Kind::Operator(">" | ">>" | ">&" | ">|" | "<" | "<&") => {
                    self.command(token.line, found);
                }
                Kind::Operator(_) => self.at += 1,
                Kind::Word(word) if word == "esac" => return,
                Kind::Word(word) if word == "case" => self.case(found),
                Kind::Word(word) if word == "for" => self.skip_for(),
                Kind::Word(word) if Self::KEYWORDS.contains(&word.as_str()) => self.at += 1,
                Kind::Word(_) => self.command(token.line, found),
            }
        }
    }

    fn case(&mut self, found: &mut Vec<Command>) {
        while self.peek().is_some_and(|kind| *kind != Kind::Word("in".to_owned())) {
            self.at += 1;
        }
        self.at += 1;
        loop {
            while !self.is_operator(")") {
                match self.peek() {
                    None => return,
                    Some(Kind::Word(word)) if word == "esac" => {
                        self.at += 1;
                        return;
                    }
                    Some(_) => self.at += 1,
                }
            }
            self.at += 1;
            self.list(found);
            self.at += usize::from(self.is_operator(";;"));
        }
    }

    /// `for name in words`, whose words are no command.
    fn skip_for(&mut self) {
        while let Some(kind) = self.peek() {
            if matches!(kind, Kind::Operator(";" | "\n")) || *kind == Kind::Word("do".to_owned()) {
                return;
            }
            self.at += 1;
        }
    }

    fn command(&mut self, line: usize, found: &mut Vec<Command>) {
        let mut command = Command { line, words: vec![], writes: vec![] };
        while let Some(kind) = self.peek().cloned() {
            match kind {
                Kind::Word(word) if command.words.is_empty() && is_assignment(&word) => {
                    self.at += 1;
                }
                Kind::Word(word) => {
                    command.words.push(word);
                    self.at += 1;
                }
                Kind::Operator("(") if command.words.len() == 1 => {
                    command.words[0].push_str("()");
                    self.at += 2;
                    break;
                }
                Kind::Operator(operator @ (">" | ">>" | ">|" | ">&" | "<" | "<&")) => {
                    self.at += 1;
                    let Some(Kind::Word(target)) = self.peek().cloned() else { break };
                    self.at += 1;
                    let harmless = operator.starts_with('<')
                        || target == "/dev/null"
                        || (operator == ">&" && matches!(target.as_str(), "1" | "2" | "-"));
                    if !harmless {
                        command.writes.push(target);
                    }
                }
                Kind::Operator(_) => break,
            }
        }
        found.push(command);
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
