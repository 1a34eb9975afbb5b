//! `airlockd`: see [`anteroom::cli::daemons::airlockd`].
fn main() -> std::process::ExitCode {
    anteroom::cli::daemons::airlockd()
}
