//! Makes a grammar's weights count.
//!
//! In:  JSGF text with weights as its author means them ("/8/ seven | /1/ eleven": eight times as likely).
//! Out: the same grammar with weights as PocketSphinx must be given them.
//!
//! Two things in the library make plain weights nearly void. It does not bring the alternatives of a choice to a sum of
//! one, so that a choice without weights costs nothing, however wide: a loop of eleven digits could put a digit into
//! every breath. And, other than a language model's, a grammar's probabilities are not raised to the language weight
//! (6.5) that sets words against sound: one in a thousand weighs as much as some 30 ms of sound. Both are put right here.
//! On human digits the grammar's search alone then put in 13 digits of 240 and not 45 (docs/recognition.md).

use std::fmt::Write as _;

/// PocketSphinx's own language weight; a language model's probabilities are raised to it.
pub const LANGUAGE_WEIGHT: f64 = 6.5;

/// The least weight that is written: far below any alternative of ours, far above what the library takes for zero.
const LEAST: f64 = 1e-30;

/// Rewrites every choice of the grammar: weights are brought to a sum of one and raised to `power`.
///
/// Weights stand at the head of an alternative, `/8/`; one without counts as 1. A text that is no JSGF is returned with
/// whatever of it could be read; the library then refuses it.
#[must_use]
pub fn weigh(jsgf: &str, power: f64) -> String {
    let mut out = String::with_capacity(jsgf.len() * 2);
    for statement in jsgf.split_inclusive(';') {
        let Some((head, body)) = statement.split_once('=') else {
            out.push_str(statement);
            continue;
        };
        let tokens = tokens(body.trim_end_matches(';'));
        let mut rest = tokens.as_slice();
        let body = choice(&mut rest, power);
        // Writing to a String cannot fail.
        let _ = write!(out, "{head}= {body};");
    }
    out
}

/// Words, names of rules, weights and signs, each by itself.
fn tokens(body: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = body.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '<' => rest.find('>').map(|at| at + 1),
            '/' => rest.get(1..).and_then(|after| after.find('/')).map(|at| at + 2),
            '|' | '(' | ')' | '[' | ']' | '*' | '+' => Some(1),
            _ => rest.find(|c: char| c.is_whitespace() || "|()[]*+</".contains(c)),
        };
        let (token, after) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// Reads alternatives up to a closing bracket or the end, and writes them with their weights.
fn choice(rest: &mut &[&str], power: f64) -> String {
    let mut alternatives = vec![(1.0_f64, Vec::<String>::new())];
    while let Some((&token, after)) = rest.split_first() {
        if token == ")" || token == "]" {
            break;
        }
        *rest = after;
        let Some((weight, parts)) = alternatives.last_mut() else { break };
        match token {
            "|" => alternatives.push((1.0, Vec::new())),
            "(" | "[" => {
                let inner = choice(rest, power);
                let close = rest.split_first().map_or("", |(close, after)| {
                    *rest = after;
                    close
                });
                parts.push(format!("{token}{inner}{close}"));
            }
            "*" | "+" => {
                if let Some(repeated) = parts.last_mut() {
                    repeated.push_str(token);
                }
            }
            token => match token.strip_prefix('/').and_then(|token| token.strip_suffix('/')) {
                Some(number) => *weight = number.parse().unwrap_or(1.0),
                None => parts.push(token.to_owned()),
            },
        }
    }
    if let [(_, only)] = alternatives.as_slice() {
        return only.join(" ");
    }
    let sum: f64 = alternatives.iter().map(|(weight, _)| weight).sum();
    let written = alternatives.iter().map(|(weight, parts)| {
        let weight = (weight / sum).powf(power).max(LEAST);
        format!("/{weight:.32}/ {}", parts.join(" "))
    });
    written.collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::Expecting;
    use crate::listen::asr::grammar::{grammar, words_of};

    /// The weights that `weigh` wrote, in order.
    fn weights(jsgf: &str) -> Vec<f64> {
        jsgf.split('/').filter_map(|part| part.parse().ok()).collect()
    }

    #[test]
    fn the_alternatives_of_a_choice_come_to_a_sum_of_one() {
        let written = weigh("<d> = /6/ one | two | /1/ three;\n", 1.0);
        let sum: f64 = weights(&written).iter().sum();
        assert!((sum - 1.0).abs() < 1e-9, "{written}");
        assert_eq!(weights(&written).len(), 3);
        assert!((weights(&written)[0] - 0.75).abs() < 1e-9);
    }

    #[test]
    fn weights_are_raised_to_the_power_but_never_to_nothing() {
        let written = weigh("<d> = one | two | three | four;\n", 6.5);
        assert!(weights(&written).iter().all(|w| (w - 0.25_f64.powf(6.5)).abs() < 1e-12), "{written}");
        let rare = weigh("<d> = /0.000001/ one | /1000/ two;\n", 6.5);
        assert!(weights(&rare).iter().all(|w| *w > 0.0), "{rare}");
    }

    #[test]
    fn what_has_no_choice_stays_as_it_is_and_brackets_are_choices_of_their_own() {
        assert_eq!(
            weigh("#JSGF V1.0;\ngrammar a;\n<x> = my <y> is <z>*;\n", 6.5),
            "#JSGF V1.0;\ngrammar a;\n<x> = my <y> is <z>*;\n"
        );
        let written = weigh("public <a> = [um] (a | b) c+;\n", 1.0);
        assert!(written.starts_with("public <a> = [um] (/0.5"), "{written}");
        assert!(written.ends_with(" b) c+;\n"), "{written}");
    }

    #[test]
    fn every_grammar_of_ours_keeps_its_words() {
        for expecting in Expecting::ALL {
            let Some(plain) = grammar(expecting, &[vec!["zadie".to_owned(), "quill".to_owned()]]) else { continue };
            let weighed = weigh(&plain, LANGUAGE_WEIGHT);
            assert_eq!(words_of(&weighed), words_of(&plain), "{expecting}");
            assert_eq!(weighed.matches('(').count(), plain.matches('(').count(), "{expecting}");
        }
    }
}
