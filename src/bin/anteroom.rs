//! `anteroom`: the command line of the box. See [`anteroom::cli::main`].
fn main() -> std::process::ExitCode {
    anteroom::cli::main()
}
