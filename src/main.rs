//! The `leakstop` program: parse, run, exit code.

fn main() -> std::process::ExitCode {
    leakstop::cli::main()
}
