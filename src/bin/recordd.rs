//! `recordd`: see [`anteroom::cli::daemons::recordd`].
fn main() -> std::process::ExitCode {
    anteroom::cli::daemons::recordd()
}
