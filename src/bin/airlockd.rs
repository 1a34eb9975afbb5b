//! `airlockd`: see [`anteroom::mains::airlockd`].
fn main() -> std::process::ExitCode {
    anteroom::mains::airlockd()
}
