//! As much of Rust's grammar as the rules need: comments, strings, attributes, braces.
//!
//! No parser: a rule that is cheated by macros is cheated on purpose, and a person reads the change. It must only not be
//! fooled by accident.

/// The text with comments and the content of strings and characters replaced by spaces; lines stay where they are.
pub(crate) fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let end = match c {
            '/' if next == Some('/') => line_end(&chars, at),
            '/' if next == Some('*') => comment_end(&chars, at),
            'r' | 'b' | 'c' if !after_word(&chars, at) && raw_start(&chars, at).is_some() => raw_end(&chars, at),
            '"' => string_end(&chars, at),
            '\'' if is_character(&chars, at) => character_end(&chars, at),
            _ => {
                out.push(c);
                at += 1;
                continue;
            }
        };
        // A string stays a string, so that what follows it keeps its meaning.
        let quoted = matches!(c, '"' | '\'' | 'r' | 'b' | 'c');
        let inside = chars.get(at..end).unwrap_or_default();
        out.push_str(if quoted { "\"" } else { " " });
        out.extend(inside.iter().filter(|c| **c == '\n'));
        out.push_str(if quoted { "\"" } else { "" });
        at = end;
    }
    out
}

fn line_end(chars: &[char], from: usize) -> usize {
    chars.iter().skip(from).position(|c| *c == '\n').map_or(chars.len(), |n| from + n)
}

fn comment_end(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0_usize, from);
    while at < chars.len() {
        match (chars.get(at), chars.get(at + 1)) {
            (Some('/'), Some('*')) => (depth, at) = (depth + 1, at + 2),
            (Some('*'), Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn after_word(chars: &[char], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| chars.get(before)).is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

/// The number of hashes of a raw string that begins here, and where its text begins.
fn raw_start(chars: &[char], at: usize) -> Option<(usize, usize)> {
    let letters = chars.iter().skip(at).take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    if !chars.get(at..at + letters)?.contains(&'r') || letters > 2 {
        return None;
    }
    let hashes = chars.iter().skip(at + letters).take_while(|c| **c == '#').count();
    (chars.get(at + letters + hashes) == Some(&'"')).then_some((hashes, at + letters + hashes + 1))
}

fn raw_end(chars: &[char], from: usize) -> usize {
    let Some((hashes, mut at)) = raw_start(chars, from) else { return from + 1 };
    while at < chars.len() {
        let closed = chars.get(at) == Some(&'"') && (1..=hashes).all(|n| chars.get(at + n) == Some(&'#'));
        at += 1;
        if closed {
            return at + hashes;
        }
    }
    at
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// Tells 'a' and '\n' from the lifetime in &'a.
fn is_character(chars: &[char], at: usize) -> bool {
    chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')
}

fn character_end(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '\'' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// Words, and signs one by one; only `::` stays together.
pub(crate) fn tokens(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() {
            found.push(token);
        }
        rest = after;
    }
    found
}

/// Where each item that only tests have begins, where its attribute ends, and where it ends itself.
fn items_of_tests(code: &str) -> Vec<(usize, usize, usize)> {
    let mut items = Vec::new();
    let mut from = 0;
    while let Some(found) = code.get(from..).and_then(|rest| rest.find("#[cfg(")) {
        let start = from + found;
        let end = attribute_end(code, start);
        let condition: String = code.get(start..end).unwrap_or_default().split_whitespace().collect();
        let only_tests = condition == "#[cfg(test)]" || condition.starts_with("#[cfg(all(test,");
        from = end;
        if only_tests {
            from = item_end(code, end);
            items.push((start, end, from));
        }
    }
    items
}

/// The code without the items that only tests have, wherever in the file they stand.
pub(crate) fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut from = 0;
    for (start, _, end) in items_of_tests(code) {
        kept.push_str(code.get(from..start).unwrap_or_default());
        from = end;
    }
    kept.push_str(code.get(from..).unwrap_or_default());
    kept
}

/// The names of the modules for tests that are files of their own.
pub(crate) fn tests_out(code: &str) -> Vec<String> {
    let items = items_of_tests(code).into_iter().filter_map(|(_, start, end)| {
        let words = tokens(code.get(start..end)?);
        let at = words.iter().position(|word| *word == "mod")?;
        (words.get(at + 2) == Some(&";")).then(|| words.get(at + 1).map(|name| (*name).to_owned())).flatten()
    });
    items.collect()
}

fn attribute_end(code: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices().skip_while(|(at, _)| *at < from) {
        match c {
            '[' => depth += 1,
            ']' if depth == 1 => return at + 1,
            ']' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// The end of the item, statement or field that begins at `from`: its `;`, its closing brace, or the `,` after a field.
fn item_end(code: &str, from: usize) -> usize {
    let rest = code.get(from..).unwrap_or_default();
    let trimmed = rest.trim_start();
    if trimmed.starts_with("#[") {
        return item_end(code, attribute_end(code, from + rest.len() - trimmed.len()));
    }
    let words = tokens(trimmed);
    let head: Vec<_> = words.into_iter().take_while(|word| !["{", ";", ",", ":", "="].contains(word)).collect();
    let ends_with_semicolon = head.contains(&"use");
    let items = ["use", "mod", "fn", "impl", "struct", "enum", "trait", "const", "static", "type"];
    let is_item = head.iter().any(|word| items.contains(word));
    let mut depth = 0_usize;
    for (at, c) in code.char_indices().skip_while(|(at, _)| *at < from) {
        match c {
            '(' | '[' | '{' => depth += 1,
            // The end of what the item stands in.
            ')' | ']' | '}' if depth == 0 => return at,
            '}' if depth == 1 && !ends_with_semicolon => return at + 1,
            ')' | ']' | '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            ',' if depth == 0 && !is_item => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[test]
fn comments_and_strings_are_blanked_and_lifetimes_are_not() {
    let text = "a /* b /* c */ d */ e // f\n\"g \\\" h\" r#\"i \" j\"# b'k' &'l m '\\'' n";
    let blanked = blank(text);
    assert_eq!(
        tokens(&blanked),
        ["a", "e", "\"", "\"", "\"", "\"", "b", "\"", "\"", "&", "'", "l", "m", "\"", "\"", "n"]
    );
    assert_eq!(blanked.lines().count(), text.lines().count());
}

#[test]
fn code_after_a_module_of_tests_is_looked_at() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { let c = \"}\"; }\n}\nfn d() {}\n\
                #[cfg(test)]\nmod more;\nfn e() {}\n#[cfg(all(test, feature = \"x\"))]\n#[allow(x)]\nmod f { }\nfn g() {}\n\
                #[cfg(test)] use h::{i, j};\nstruct K {\n #[cfg(test)] l: Vec<u8>, m: u8 }\n#[cfg(not(test))] fn n() {}";
    let code = without_tests(&blank(text));
    let words = tokens(&code);
    for kept in ["a", "d", "e", "g", "K", "m", "n"] {
        assert!(words.contains(&kept), "{kept} is gone: {code}");
    }
    for gone in ["tests", "b", "c", "more", "f", "h", "i", "l"] {
        assert!(!words.contains(&gone), "{gone} is still there: {code}");
    }
    assert_eq!(tests_out(&blank(text)), ["more"]);
}
