//! `recordd`: see [`anteroom::mains::recordd`].
fn main() -> std::process::ExitCode {
    anteroom::mains::recordd()
}
