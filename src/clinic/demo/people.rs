//! Invented patients and clinicians. Nobody here lives.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// A clinician.
pub(super) struct Provider {
    /// Its id in the database.
    pub(super) id: &'static str,
    /// Its family name, as it is said after "Doctor".
    pub(super) name: &'static str,
}

/// The clinic's clinicians.
pub(super) const PROVIDERS: [Provider; 3] = [
    Provider { id: "okafor", name: "Okafor" },
    Provider { id: "chen", name: "Chen" },
    Provider { id: "alvarez", name: "Alvarez" },
];

/// A patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patient {
    /// Its id in the database.
    pub(super) id: String,
    /// Given name.
    pub(super) first: String,
    /// Family name.
    pub(super) last: String,
    /// Date of birth.
    pub(super) dob: Date,
    /// Ten digits.
    pub(super) phone: String,
    /// Street and city.
    pub(super) address: String,
    /// What the patient takes, with commas between.
    pub(super) meds: String,
}

/// How many patients the clinic has.
pub(super) const HOW_MANY: usize = 120;

/// The patients whom scenarios call by name. They come first, and only the second and third have an appointment.
pub(super) const PERSONAS: usize = 3;

/// The id of the patient numbered `index`.
pub(super) fn id(index: usize) -> String {
    format!("p-{index:04}")
}

/// The clinic's patients: the personas, then invented ones.
pub(super) fn generate(seed: u64) -> Vec<Patient> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut patients = personas();
    while patients.len() < HOW_MANY {
        let patient = invent(patients.len(), &patients, &mut random);
        patients.push(patient);
    }
    patients
}

fn personas() -> Vec<Patient> {
    let persona = |index, first: &str, last: &str, dob, phone: &str, address: &str, meds: &str| Patient {
        id: id(index),
        first: first.to_owned(),
        last: last.to_owned(),
        dob,
        phone: phone.to_owned(),
        address: address.to_owned(),
        meds: meds.to_owned(),
    };
    vec![
        persona(0, "Mary", "Lopez", date(1962, 3, 4), "5125550143", "418 Pecan Street, Austin", "metformin"),
        persona(1, "James", "Carter", date(1975, 11, 20), "5125550178", "77 Barton Hills Drive, Austin", ""),
        persona(2, "Grace", "Miller", date(1948, 7, 9), "5125550112", "1209 Laurel Lane, Austin", "lisinopril,aspirin"),
    ]
}

fn invent(index: usize, so_far: &[Patient], random: &mut fastrand::Rng) -> Patient {
    let first = pick(FIRST, random);
    let last = pick(LAST, random);
    let dob = birthday(so_far, random);
    // 555-0100 to 555-0199 are kept for fiction in every area code.
    let phone = format!("{}555{:04}", pick(AREA_CODES, random), random.u32(100..200));
    let address = format!("{} {}, {}", random.u32(10..3000), pick(STREETS, random), pick(CITIES, random));
    let meds: Vec<_> = (0..random.usize(0..4)).map(|_| pick(MEDS, random)).collect();
    Patient { id: id(index), first: first.to_owned(), last: last.to_owned(), dob, phone, address, meds: meds.join(",") }
}

/// A date of birth between 1930 and 2023. One in eight is shared with an earlier patient, as in any clinic of this
/// size, so that a date alone does not find one; never with a persona.
fn birthday(so_far: &[Patient], random: &mut fastrand::Rng) -> Date {
    let shared = so_far.len() > PERSONAS && random.u32(0..8) == 0;
    if shared && let Some(twin) = so_far.get(random.usize(PERSONAS..so_far.len())) {
        return twin.dob;
    }
    let first = date(1930, 1, 1);
    let drawn = first.checked_add(random.i32(0..34_000).days()).unwrap_or(first);
    if so_far.iter().take(PERSONAS).any(|p| p.dob == drawn) { first } else { drawn }
}

fn pick(list: &'static [&'static str], random: &mut fastrand::Rng) -> &'static str {
    list.get(random.usize(0..list.len())).copied().unwrap_or_default()
}

const FIRST: &[&str] = &[
    "Amara",
    "Aiko",
    "Ahmed",
    "Alice",
    "Aleksander",
    "Amina",
    "Ana",
    "Andre",
    "Anh",
    "Anita",
    "Arjun",
    "Astrid",
    "Beatriz",
    "Benjamin",
    "Bich",
    "Brian",
    "Carlos",
    "Carmen",
    "Chidi",
    "Chloe",
    "Dalia",
    "Daniel",
    "David",
    "Deepa",
    "Diego",
    "Dmitri",
    "Elena",
    "Elif",
    "Emeka",
    "Emily",
    "Esther",
    "Fatima",
    "Feng",
    "Fiona",
    "Francisco",
    "Gloria",
    "Hana",
    "Hassan",
    "Helen",
    "Hiroshi",
    "Ibrahim",
    "Ingrid",
    "Ivan",
    "Jamal",
    "Jin",
    "Jorge",
    "José",
    "Joyce",
    "Kavita",
    "Keisha",
    "Kofi",
    "Lakshmi",
    "Lars",
    "Leila",
    "Linh",
    "Lucia",
    "Malik",
    "Margaret",
    "Marisol",
    "Mei",
    "Miguel",
    "Minh",
    "Nadia",
    "Naomi",
    "Nia",
    "Nkechi",
    "Noah",
    "Olga",
    "Omar",
    "Patricia",
    "Pedro",
    "Priya",
    "Rachel",
    "Rafael",
    "Ravi",
    "Rosa",
    "Ruth",
    "Samuel",
    "Seán",
    "Sofia",
    "Soo",
    "Tariq",
    "Thanh",
    "Tomasz",
    "Uma",
    "Victor",
    "Wanjiru",
    "Wei",
    "Yara",
    "Yusuf",
    "Zainab",
    "Zoe",
];

const LAST: &[&str] = &[
    "Abdi",
    "Acheampong",
    "Ahmad",
    "Andersen",
    "Baker",
    "Banerjee",
    "Begum",
    "Bianchi",
    "Brown",
    "Campbell",
    "Castillo",
    "Chowdhury",
    "Cohen",
    "Costa",
    "Davis",
    "de la Cruz",
    "Delgado",
    "Desai",
    "Diaz",
    "Edwards",
    "Eze",
    "Fernandes",
    "Flores",
    "Fofanah",
    "Foster",
    "Garcia",
    "Goldberg",
    "Gonzalez",
    "Green",
    "Gupta",
    "Haddad",
    "Hansen",
    "Harris",
    "Hernandez",
    "Hoang",
    "Hussein",
    "Ivanova",
    "Jackson",
    "Johnson",
    "Kaplan",
    "Kaya",
    "Khan",
    "Kim",
    "Kowalski",
    "Kumar",
    "Lee",
    "Levy",
    "Mahmoud",
    "Martinez",
    "Mbeki",
    "Mensah",
    "Morales",
    "Mukherjee",
    "Murphy",
    "Mwangi",
    "Nakamura",
    "Nguyen",
    "Nowak",
    "Nwosu",
    "O'Brien",
    "Okoye",
    "Ortiz",
    "Osei",
    "Park",
    "Patel",
    "Pereira",
    "Petrov",
    "Pham",
    "Ramirez",
    "Reddy",
    "Reyes",
    "Robinson",
    "Rossi",
    "Sato",
    "Schmidt",
    "Shah",
    "Silva",
    "Singh",
    "Smith",
    "Sokolov",
    "Suzuki",
    "Takahashi",
    "Tesfaye",
    "Thompson",
    "Torres",
    "Tran",
    "Turner",
    "Van Dyke",
    "Vargas",
    "Washington",
    "Williams",
    "Wójcik",
    "Wong",
    "Yamamoto",
    "Yilmaz",
    "Zhang",
];

const AREA_CODES: &[&str] = &["512", "737", "210", "254"];

const STREETS: &[&str] = &[
    "Bluebonnet Lane",
    "Cedar Bend",
    "Congress Street",
    "Cypress Court",
    "Elm Street",
    "Fig Tree Lane",
    "Guadalupe Row",
    "Hickory Drive",
    "Juniper Trail",
    "Lamar Court",
    "Live Oak Street",
    "Magnolia Avenue",
    "Mesquite Road",
    "Pecan Street",
    "River Road",
    "Sycamore Way",
];

const CITIES: &[&str] = &["Austin", "Round Rock", "Cedar Park", "Pflugerville", "San Marcos", "Georgetown"];

const MEDS: &[&str] = &[
    "albuterol",
    "amlodipine",
    "atorvastatin",
    "gabapentin",
    "hydrochlorothiazide",
    "levothyroxine",
    "lisinopril",
    "losartan",
    "metformin",
    "metoprolol",
    "omeprazole",
    "prednisone",
    "sertraline",
    "simvastatin",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_patients_and_another_seed_others() {
        assert_eq!(generate(1), generate(1));
        assert_ne!(generate(1), generate(2));
        assert_eq!(generate(1).len(), HOW_MANY);
    }

    #[test]
    fn every_telephone_number_is_one_kept_for_fiction() {
        for patient in generate(7) {
            assert!(patient.phone.len() == 10 && patient.phone[3..].starts_with("55501"), "{}", patient.phone);
        }
    }

    #[test]
    fn nobody_shares_a_personas_date_of_birth_and_some_share_anothers() {
        let patients = generate(1);
        for persona in &patients[..PERSONAS] {
            assert_eq!(patients.iter().filter(|p| p.dob == persona.dob).count(), 1);
        }
        let dates: std::collections::HashSet<_> = patients.iter().map(|p| p.dob).collect();
        assert!(dates.len() < patients.len());
    }
}
