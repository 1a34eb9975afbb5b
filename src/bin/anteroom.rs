//! Not written yet.
fn main() {
    if let Some(p) = std::env::args().nth(2) {
        println!("{}", anteroom::cli::bench_redact::run(std::path::Path::new(&p)).unwrap());
        return;
    }
    let r = anteroom::cli::redact::run(
        std::io::stdin().lock(),
        std::io::stdout().lock(),
        std::env::args().any(|a| a == "--explain"),
    );
    if let Err(e) = r {
        eprintln!("{e}");
        std::process::exit(1);
    }
}
