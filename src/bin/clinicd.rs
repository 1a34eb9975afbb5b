//! `clinicd`: see [`anteroom::cli::daemons::clinicd`].
fn main() -> std::process::ExitCode {
    anteroom::cli::daemons::clinicd()
}
