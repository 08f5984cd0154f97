use std::time::Instant;
use stitchline::store::*;
fn main() {
    for group in [32u64, 1000, 4000] {
        let dir = tempfile::tempdir_in("/work").unwrap();
        let s = EmbeddedStore::open(dir.path().join("x")).unwrap();
        let v = vec![7u8; 200];
        let n = if group == 32 { 32 * 300 } else { 1_000_000 };
        let t = Instant::now();
        let mut k = 0;
        while k < n {
            let w: Vec<Write> = (k..k + group).map(|i| Write::set(Table::Inputs, i, v.clone())).collect();
            s.commit(&w).unwrap();
            k += group;
        }
        let e = t.elapsed();
        println!(
            "group {group}: {:.0}/s, {:.2} ms a commit",
            n as f64 / e.as_secs_f64(),
            e.as_secs_f64() * 1e3 / (n as f64 / group as f64)
        );
        let mut x = 1u64;
        let t = Instant::now();
        for _ in 0..2000 {
            let keys: Vec<u64> = (0..50)
                .map(|_| {
                    x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (x >> 33) % n
                })
                .collect();
            let mut c = 0;
            s.read(Table::Inputs, &keys, &mut |_, v| {
                c += v.unwrap().len();
                Ok(())
            })
            .unwrap();
            assert_eq!(c, 10000);
        }
        println!("50 gets: {:?}", t.elapsed() / 2000);
        println!("size {}", std::fs::metadata(dir.path().join("x")).unwrap().len());
        drop(s);
        let t = Instant::now();
        let s = EmbeddedStore::open(dir.path().join("x")).unwrap();
        println!("reopen {:?}", t.elapsed());
        std::mem::forget(s);
    }
}
