//! `lined`: see [`anteroom::mains::lined`].
fn main() -> std::process::ExitCode {
    anteroom::mains::lined()
}
