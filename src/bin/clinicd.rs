//! `clinicd`: see [`anteroom::mains::clinicd`].
fn main() -> std::process::ExitCode {
    anteroom::mains::clinicd()
}
