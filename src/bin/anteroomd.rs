//! `anteroomd`: see [`anteroom::cli::daemons::anteroomd`].
fn main() -> std::process::ExitCode {
    anteroom::cli::daemons::anteroomd()
}
