//! Reading a Dockerfile, and the list of what stays out of its context.

/// One instruction, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A stage: its image, its name and what is done in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    pub(crate) image: String,
    pub(crate) name: Option<String>,
    pub(crate) instructions: Vec<Instruction>,
}

/// The arguments before the first stage, and the stages.
#[derive(Clone, Debug)]
pub(crate) struct Dockerfile {
    pub(crate) arguments: Vec<Instruction>,
    pub(crate) stages: Vec<Stage>,
}

impl Dockerfile {
    pub(crate) fn parse(text: &str) -> Self {
        let mut file = Self {
            arguments: Vec::new(),
            stages: Vec::new(),
        };
        for instruction in instructions(text) {
            if instruction.name == "FROM" {
                let words: Vec<&str> = instruction.text.split_whitespace().collect();
                let name = words
                    .iter()
                    .position(|word| word.eq_ignore_ascii_case("as"));
                file.stages.push(Stage {
                    image: words[0].to_owned(),
                    name: name.map(|at| words[at + 1].to_owned()),
                    instructions: Vec::new(),
                });
            } else if let Some(stage) = file.stages.last_mut() {
                stage.instructions.push(instruction);
            } else {
                file.arguments.push(instruction);
            }
        }
        file
    }

    pub(crate) fn stage(&self, name: &str) -> &Stage {
        let mut stages = self.stages.iter();
        stages
            .find(|stage| stage.name.as_deref() == Some(name))
            .unwrap()
    }

    /// Every instruction of this kind, before and in the stages.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let stages = self.stages.iter().flat_map(|stage| &stage.instructions);
        let all = self.arguments.iter().chain(stages);
        all.filter(move |one| one.name == name)
            .map(|one| one.text.as_str())
    }
}

impl Stage {
    /// The instructions of this kind.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.instructions.iter();
        all.filter(move |one| one.name == name)
            .map(|one| one.text.as_str())
    }
}

fn instructions(text: &str) -> Vec<Instruction> {
    let mut lines: Vec<String> = Vec::new();
    let mut continued = false;
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        let (part, more) = match line.trim().strip_suffix('\\') {
            Some(part) => (part.trim(), true),
            None => (line.trim(), false),
        };
        if continued {
            let last = lines.last_mut().unwrap();
            last.push(' ');
            last.push_str(part);
        } else if !part.is_empty() {
            lines.push(part.to_owned());
        }
        continued = more;
    }
    let split = |line: String| {
        let (name, text) = line.split_once(' ').unwrap_or((&line, ""));
        Instruction {
            name: name.to_uppercase(),
            text: text.trim().to_owned(),
        }
    };
    lines.into_iter().map(split).collect()
}

/// What stays out of a context. The last pattern that fits a path, or a directory above it, decides.
pub(crate) struct Ignored(Vec<(bool, Vec<String>)>);

impl Ignored {
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pattern = |line: &str| {
            let (out, line) = match line.strip_prefix('!') {
                Some(line) => (false, line),
                None => (true, line),
            };
            (out, line.split('/').map(str::to_owned).collect())
        };
        Self(lines.map(pattern).collect())
    }

    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        let fits =
            |pattern: &[String]| (1..=parts.len()).any(|end| matches(pattern, &parts[..end]));
        let last = self.0.iter().rev().find(|(_, pattern)| fits(pattern));
        last.is_some_and(|(out, _)| *out)
    }
}

fn matches(pattern: &[String], parts: &[&str]) -> bool {
    match (pattern.split_first(), parts.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            (0..=parts.len()).any(|skipped| matches(rest, &parts[skipped..]))
        }
        (Some((first, rest)), Some((part, others))) => glob(first, part) && matches(rest, others),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// One part of a path; `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            (0..=text.len())
                .filter(|at| text.is_char_boundary(*at))
                .any(|at| glob(rest, &text[at..]))
        }),
    }
}

#[test]
fn lines_that_go_on_and_comments_are_read_as_docker_reads_them() {
    let file = Dockerfile::parse(
        "# a\nARG A=1\nFROM x:1 AS one\nRUN a \\\n# b\n    && b\n\nFROM y\nUSER 1\n",
    );
    assert_eq!(file.arguments[0].text, "A=1");
    assert_eq!(file.stage("one").all("RUN").collect::<Vec<_>>(), ["a && b"]);
    assert_eq!(file.stages[1].image, "y");
    assert_eq!(file.all("USER").collect::<Vec<_>>(), ["1"]);
}

#[test]
fn the_last_pattern_that_fits_decides() {
    let ignored = Ignored::parse("*\n!infra\ninfra/python\n**/.env*\n**/target\n");
    for out in [
        "README.md",
        "infra/python/a.txt",
        "infra/a/.env.local",
        "infra/x/target/y",
    ] {
        assert!(ignored.leaves_out(out), "{out}");
    }
    for inside in ["infra/a.rs", "infra/pythons/a", "infra/a/targets/b"] {
        assert!(!ignored.leaves_out(inside), "{inside}");
    }
}
