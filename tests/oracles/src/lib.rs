//! A second opinion on [`anteroom::airlock::provider`]: genai, another client of the same APIs.
//!
//! In:  conversations and recorded streams. Out: only tests, which compare what both clients send and understand.
//! Nothing leaves this machine: genai is pointed at a server of this package that answers with a recorded stream.
//! What is compared, what is not, and where the two differ by choice: README.md.

#![cfg(test)]

mod answers;
mod exchange;
mod reading;
mod requests;
mod streams;
