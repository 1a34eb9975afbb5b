//! `anteroomd`: see [`anteroom::mains::anteroomd`].
fn main() -> std::process::ExitCode {
    anteroom::mains::anteroomd()
}
