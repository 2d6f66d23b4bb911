//! Compares the keyword pass with the slow one on as many texts as asked for: `keywords CASES [SEED]`.

use std::time::Instant;

use leakstop_fuzz::prefilter;

/// Cases that one seed makes.
const BATCH: u64 = 10_000_000;

fn main() {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse().expect("a number"));
    let total: u64 = numbers.next().unwrap_or(BATCH);
    let seed: u64 = numbers.next().unwrap_or(0);
    let (start, mut done, mut hits) = (Instant::now(), 0, 0);
    while done < total {
        let cases = BATCH.min(total - done);
        hits += prefilter::cases(seed + done, cases);
        done += cases;
        let seconds = start.elapsed().as_secs();
        println!("{done} cases, {hits} keywords stood in them, none missed or made up, {seconds} s");
    }
}
