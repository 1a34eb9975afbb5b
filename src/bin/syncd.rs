//! `syncd`: see [`anteroom::mains::syncd`].
fn main() -> std::process::ExitCode {
    anteroom::mains::syncd()
}
