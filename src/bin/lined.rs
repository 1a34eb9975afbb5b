//! `lined`: see [`anteroom::cli::daemons::lined`].
fn main() -> std::process::ExitCode {
    anteroom::cli::daemons::lined()
}
