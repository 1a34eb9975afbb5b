//! What the lists say of a word. Features, not verdicts: a name that is also a word is decided by its context.
//!
//! In: one normalised word. Out: its [`Class`]. The lists and their licences are in `lists/SOURCES.md`; the short ones
//! below we wrote ourselves. Loaded once, on first use.

use std::sync::LazyLock;

use crate::redact::number::{is_number_word, is_ordinal};
use crate::redact::words::{WordMap, WordSet};

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent features of a word, each read on its own")]
pub(super) struct Class {
    /// Letters only.
    pub word: bool,
    /// An ordinary English or medical word.
    pub known: bool,
    /// One of the commonest words.
    pub common: bool,
    /// A word that holds sentences together, or a filler: never part of a name, except after a direct question.
    pub function: bool,
    /// A given name that is also a word.
    pub given: bool,
    /// A family name that is also a word.
    pub family: bool,
    /// A drug, disease, eponym, insurer, language, holiday: written with a capital, yet names nobody.
    pub innocent: bool,
    /// Part of a term of several words ("blue cross") that names nobody.
    pub term: bool,
    /// Letters and digits mixed.
    pub mixed: bool,
    /// A word for a number, or digits.
    pub number: bool,
    /// A word of the big dictionaries only. Counted as unknown, since it may as well be a name misheard.
    pub rare: bool,
    /// How common it is as a given name, from 0 (not at all) to 3.
    pub given_rank: u8,
    /// The same as a family name.
    pub family_rank: u8,
    /// The same as a town of one word.
    pub town_rank: u8,
}

impl Class {
    /// What would be known of the word without the lists of names and towns.
    pub(super) fn without_lists(self) -> Self {
        Self { given: false, family: false, given_rank: 0, family_rank: 0, town_rank: 0, ..self }
    }

    /// What is known of the word as part of a term: it is no name there, whatever it is elsewhere.
    pub(super) fn in_term(self) -> Self {
        Self { term: true, innocent: true, known: true, ..self.without_lists() }
    }
}

/// Looks a word up.
pub(super) fn class(norm: &str) -> Class {
    let letters = norm.chars().all(|c| c.is_alphabetic() || c == '\'');
    let digits = norm.chars().any(|c| c.is_numeric());
    let number = is_number_word(norm) || is_ordinal(norm) || (digits && norm.bytes().all(|b| b.is_ascii_digit()));
    let base = norm.strip_suffix("'s").unwrap_or(norm);
    let entry = entry(base);
    let singular = base.strip_suffix('s').filter(|s| s.len() > 3).map(self::entry).unwrap_or_default();
    let function = entry.function || (base.len() < norm.len() && self::entry(norm).function);
    let innocent = entry.innocent || singular.term || has_innocent_ending(base);
    let contraction = norm.contains('\'') && is_contraction(norm);
    let [given_rank, family_rank, town_rank] = entry.ranks;
    Class {
        word: letters,
        known: matches!(entry.tier, Some(Tier::Common | Tier::Usual))
            || function
            || innocent
            || entry.thing
            || entry.day
            || singular.thing
            || contraction
            || number,
        common: entry.tier == Some(Tier::Common) || function,
        function: function || contraction,
        given: matches!(entry.name, Some('g' | 'x')),
        family: matches!(entry.name, Some('f' | 'x')),
        innocent,
        term: false,
        // Digits of another script count as a mixture: no grammar here reads them, so they must not pass as a word.
        mixed: digits && !norm.bytes().all(|b| b.is_ascii_digit()) && !number,
        number,
        rare: entry.tier == Some(Tier::Rare),
        given_rank,
        family_rank,
        town_rank,
    }
}

/// How many words the longest term has that begins here, where `word` gives the words from here on; 0 if none does, or if
/// a place that begins here is as long: "oklahoma city" is a town, whatever begins with "oklahoma".
pub(super) fn term_from<'w>(word: impl Fn(usize) -> Option<&'w str>) -> usize {
    let longest = |starts: &WordSet, set: &WordSet| {
        let Some(first) = word(0).filter(|w| starts.contains(*w)) else { return 0 };
        let mut words = first.to_owned();
        let mut longest = 0;
        for more in 1..LONGEST_PLACE {
            let Some(next) = word(more) else { break };
            words.push(' ');
            words.push_str(next);
            if set.contains(words.as_str()) {
                longest = more.saturating_add(1);
            }
        }
        longest
    };
    let term = longest(&LISTS.term_starts, &LISTS.terms);
    if term > longest(&LISTS.place_starts, &LISTS.places) { term } else { 0 }
}

/// How many words, at most, a place or a term of the lists has.
pub(super) const LONGEST_PLACE: usize = 5;

/// Whether these words, joined by single spaces, are a place of the list.
pub(super) fn is_place(words: &str) -> bool {
    LISTS.places.contains(words)
}

/// Whether a place of several words begins with this word.
pub(super) fn begins_place(word: &str) -> bool {
    LISTS.place_starts.contains(word)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    Common,
    Usual,
    Rare,
}

/// What the lists say of one word, all of them together: every word of a call is looked up here once or twice.
#[derive(Clone, Copy, Default)]
struct Entry {
    tier: Option<Tier>,
    /// `g` a given name, `f` a family name, `x` both: of words that are also that.
    name: Option<char>,
    ranks: [u8; 3],
    function: bool,
    /// A term of one word, or one of the short list below.
    innocent: bool,
    /// A term of one word: its plural is one too.
    term: bool,
    /// An ordinary word beyond SCOWL, mostly of medicine and the household: a cue may make a name of one.
    thing: bool,
    /// The name of a day or month.
    day: bool,
}

fn entry(word: &str) -> Entry {
    LISTS.entries.get(word).copied().unwrap_or_default()
}

struct Lists {
    entries: WordMap<Entry>,
    places: WordSet,
    place_starts: WordSet,
    /// Terms of several words that name nobody wherever they stand.
    terms: WordSet,
    term_starts: WordSet,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let tagged = |text: &'static str| {
        text.lines().filter_map(|line| line.chars().next().map(|tag| (line.get(1..).unwrap_or_default(), tag)))
    };
    let tier = |tag| match tag {
        'a' => Tier::Common,
        'b' => Tier::Usual,
        _ => Tier::Rare,
    };
    let ranked = |line: &'static str| {
        let (ranks, word) = line.split_at_checked(3)?;
        let figures: [u8; 3] = ranks.as_bytes().try_into().ok()?;
        Some((word, figures.map(|f| f.saturating_sub(b'0').min(3))))
    };
    let mut entries: WordMap<Entry> = WordMap::default();
    let mut say = |word: &'static str, of: &dyn Fn(&mut Entry)| of(entries.entry(word).or_default());
    tagged(include_str!("lists/words.txt")).for_each(|(word, tag)| say(word, &|e| e.tier = Some(tier(tag))));
    tagged(include_str!("lists/names.txt")).for_each(|(word, tag)| say(word, &|e| e.name = Some(tag)));
    include_str!("lists/ranks.txt").lines().filter_map(ranked).for_each(|(word, r)| say(word, &|e| e.ranks = r));
    include_str!("lists/things.txt").lines().for_each(|word| say(word, &|e| e.thing = true));
    NAMED_DAYS.split_whitespace().for_each(|word| say(word, &|e| e.day = true));
    FUNCTION_WORDS.split_whitespace().for_each(|word| say(word, &|e| e.function = true));
    INNOCENT.split_whitespace().for_each(|word| say(word, &|e| e.innocent = true));
    let (terms, words): (Vec<&str>, Vec<&str>) =
        include_str!("lists/terms.txt").lines().partition(|term| term.contains(' '));
    words.into_iter().for_each(|word| say(word, &|e| (e.innocent, e.term) = (true, true)));
    let terms: WordSet = terms.into_iter().collect();
    let places: WordSet = include_str!("lists/places.txt").lines().collect();
    let starts = |set: &WordSet| set.iter().filter_map(|p| p.split_once(' ')).map(|(first, _)| first).collect();
    Lists { entries, place_starts: starts(&places), places, term_starts: starts(&terms), terms }
});

fn is_contraction(norm: &str) -> bool {
    let Some((stem, end)) = norm.split_once('\'') else { return false };
    let entry = entry(stem);
    let known = entry.function || entry.tier.is_some();
    matches!(end, "m" | "re" | "ve" | "ll" | "d" | "t") && (known || stem.ends_with('n'))
}

/// Whether the word ends like those of medicine do.
fn has_innocent_ending(base: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "itis",
        "ectomy",
        "ology",
        "ologist",
        "oscopy",
        "aemia",
        "emia",
        "pril",
        "sartan",
        "statin",
        "olol",
        "azole",
        "cillin",
        "mycin",
        "floxacin",
        "prazole",
        "gliptin",
        "gliflozin",
        "azepam",
        "azolam",
        "osis",
        "otomy",
        "plasty",
        "algia",
        "opathy",
        "ostomy",
        "oma",
        "dipine",
        "triptan",
        "setron",
        "cycline",
        "oxetine",
        "parin",
        "lukast",
        "thiazide",
        "profen",
        "codone",
        "tidine",
        "mab",
        "iatric",
        "iatrist",
        "iatrics",
        "ography",
        "scopic",
    ];
    base.len() > 7 && ENDINGS.iter().any(|end| base.ends_with(end))
}

const NAMED_DAYS: &str =
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december mondays tuesdays wednesdays thursdays fridays saturdays sundays mon tue tues
    wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec";

const FUNCTION_WORDS: &str = "n't a an the and or but so if because that which who whom whose what when where why how is am are was were be been
    being do does did done doing have has had having can could will would shall should may might must need needs
    needed want wants wanted like likes get gets got getting go goes going gone went come comes coming came i you he
    she it we they me him her us them my your his its our their mine yours hers ours theirs myself this these those
    there here then than to too of in on at by for from with without about into over under after before between
    through during until till since as not no nor yes yeah yep yup nope okay ok sure please thank thanks sorry hello
    hi hey hola good bye goodbye morning afternoon evening night right well just only also very really actually
    again still now already yet ever never always maybe um umm uhh ahh uh er erm uhm hmm mm mhm ah oh huh wow hm uhuh i'm im i've ive i'd
    i'll it's its that's thats he's she's what's whats who's there's they're we're you're don't dont doesn't doesnt
    didn't didnt can't cant won't wont isn't isnt wasn't wasnt couldn't wouldn't haven't hasn't let's lets let one's
    make made take took taken give gave given say says said tell told talk talking speak speaking call calling called
    calls see saw seen know knew think thought look looking find help put set keep use used using ask asked asking
    try trying tried some any all both each every either neither none much many more most few less least other
    another such same own else out up down off back away around near next last first new old am pm name names number
    numbers phone appointment appointments doctor dr mr mrs ms miss clinic patient patients address date birth born
    email zip code card account accounts insurance spelled spelling spell regarding cancel change book booking
    reservation reschedule confirm confirmed check schedule available visit office today tomorrow day days week weeks
    month months year years time times hour hours minute minutes gonna wanna gotta yours sir madam maam ma'am dear
    correct wrong something someone somebody anything anyone anybody nobody everything everyone else's whether while
    though although however him himself herself themselves itself yourself ourselves per via upon onto within
    got need's buenos buenas tardes hola gracias havent hasnt hadnt wouldnt couldnt shouldnt arent werent whos heres wheres lemme kinda dunno cause cuz ya y'all yall ain't hold wait mean means guess suppose hope believe remember forget forgot
    mom mother dad father son daughter wife husband brother sister friend neighbor aunt uncle cousin grandma
    grandpa grandmother grandfather nephew niece kid kids child baby boss roommate partner boyfriend girlfriend
    fiance fiancee nurse receptionist pharmacy hospital prescription refill refills medication medicine pain test
    tests result results lab labs payment pay insurance street avenue road drive lane court apartment apt unit
    suite city town state county zipcode postcode country email mail website number's ssn mrn id dob";

const INNOCENT: &str = "english spanish french german chinese mandarin cantonese vietnamese korean arabic russian portuguese italian
    japanese hindi american mexican indian christmas thanksgiving easter halloween medicare medicaid tricare aetna
    cigna humana kaiser permanente unitedhealthcare bluecross blueshield anthem molina centene ambetter oscar uhc bcbs
    ac acct united healthcare apnea ulcerative colitis lightheadedness palpitations incontinence edema vertigo tinnitus ip skincare rebook checkin contactless hmo ppo epo hsa fsa covid covid19 corona flu mri ct cat scan ekg ecg eeg er icu iv ob gyn obgyn ent md rn np pa
    hipaa otc tb hiv aids std uti copd ibs gerd adhd add ptsd ocd dna rna bmi bp a1c hba1c tsh ldl hdl psa inr cbc cpap
    bipap epipen usa us uk tv pc dvd atm pin faq pdf gps sms fyi asap eta vip diy nhs cdc fda va dmv irs
    tylenol advil motrin aleve aspirin ibuprofen acetaminophen naproxen benadryl claritin zyrtec allegra mucinex
    sudafed nyquil dayquil robitussin pepto bismol tums prilosec nexium pepcid zantac imodium miralax metamucil
    metformin glucophage lisinopril zestril atorvastatin lipitor simvastatin zocor crestor rosuvastatin pravastatin
    amlodipine norvasc metoprolol lopressor toprol carvedilol coreg atenolol propranolol losartan cozaar valsartan
    diovan hydrochlorothiazide hctz furosemide lasix spironolactone warfarin coumadin eliquis apixaban xarelto
    plavix clopidogrel levothyroxine synthroid prednisone medrol prednisolone methylprednisolone gabapentin neurontin
    lyrica pregabalin tramadol ultram hydrocodone vicodin norco oxycodone percocet oxycontin morphine codeine fentanyl
    suboxone methadone naloxone narcan sertraline zoloft fluoxetine prozac escitalopram lexapro citalopram celexa
    paroxetine paxil duloxetine cymbalta venlafaxine effexor bupropion wellbutrin trazodone mirtazapine remeron
    amitriptyline nortriptyline buspirone buspar xanax alprazolam ativan lorazepam klonopin clonazepam valium diazepam
    ambien zolpidem lunesta adderall ritalin concerta vyvanse strattera abilify aripiprazole seroquel quetiapine
    risperdal risperidone zyprexa olanzapine lithium lamictal lamotrigine depakote keppra topamax topiramate
    tegretol dilantin insulin lantus humalog novolog levemir tresiba basaglar trulicity ozempic wegovy mounjaro
    zepbound semaglutide januvia jardiance farxiga glipizide glyburide albuterol ventolin proair symbicort advair
    spiriva flovent singulair montelukast flonase fluticasone nasonex amoxicillin augmentin azithromycin zithromax
    zpack cephalexin keflex ciprofloxacin cipro levaquin doxycycline clindamycin bactrim nitrofurantoin macrobid
    penicillin metronidazole flagyl valacyclovir valtrex acyclovir tamiflu paxlovid fluconazole diflucan nystatin
    omeprazole pantoprazole protonix famotidine ondansetron zofran meclizine cyclobenzaprine flexeril methocarbamol
    robaxin tizanidine baclofen meloxicam mobic celebrex diclofenac voltaren sumatriptan imitrex colchicine
    allopurinol methotrexate humira enbrel plaquenil hydroxychloroquine finasteride tamsulosin flomax viagra cialis
    sildenafil estradiol premarin progesterone testosterone birth nuvaring depo provera plan fosamax alendronate
    digoxin nitroglycerin entresto ranolazine amiodarone clonidine hydralazine potassium magnesium melatonin
    hydrocortisone triamcinolone clobetasol mupirocin latanoprost timolol restasis papaverine pfizer moderna shingrix
    gardasil tdap mmr rsv botox accutane chantix varenicline nicotine zyban
    parkinson parkinson's parkinsons alzheimer alzheimer's alzheimers crohn crohn's crohns hodgkin hodgkin's hodgkins
    raynaud raynaud's graves graves' hashimoto hashimoto's addison addison's cushing cushing's bell bell's huntington
    huntington's lou gehrig gehrig's lyme down sjogren sjogren's menieres meniere's tourette tourette's asperger
    asperger's marfan ehlers danlos guillain barre kawasaki wilson wilson's paget paget's lynch barrett barrett's
    epstein barr heimlich pap kegel
    diabetes diabetic asthma cholesterol hypertension hyperlipidemia hypothyroidism arthritis osteoporosis eczema
    psoriasis migraine migraines seizure fibromyalgia sciatica neuropathy anemia leukemia lymphoma melanoma
    pneumonia bronchitis sinusitis strep tonsils tonsillectomy appendix appendectomy gallbladder hysterectomy vasectomy
    colonoscopy endoscopy mammogram ultrasound xray x-ray xrays biopsy dermatologist dermatology cardiologist
    cardiology neurologist neurology gastroenterologist orthopedist orthopedic orthopedics urologist urology
    oncologist oncology pediatrician pediatric pediatrics gynecologist obgyn psychiatrist psychologist podiatrist
    ophthalmologist optometrist endocrinologist rheumatologist pulmonologist nephrologist allergist radiology
    physiotherapist chiropractor telehealth telemedicine medi-cal copay copays deductible preauthorization
    voicemail internet facebook google zoom iphone android walgreens cvs walmart costco paypal visa mastercard amex
    amazon app apps wifi login online app's texting texted rx hep ekgs mris hiccups vaccine vaccines vaccinated
    booster immunization immunizations paracetamol losartan checkup follow-up followup faxed fax rescheduling
    reschedule rescheduled uncomfortable bloodwork wellness colon hernia acne rash shingles measles mumps polio
    tetanus hepatitis statin statins antibiotics antibiotic antidepressant antihistamine inhaler nebulizer dialysis
    chemo chemotherapy ostomy stent pacemaker defibrillator prosthetic wheelchair walker cpap vitals glucose
    hemoglobin creatinine triglycerides sodium thyroid prostate pelvis ovary ovarian uterine cervical lumbar thoracic
    tibia fibula femur meniscus acl rotator cuff achilles carpal tunnel god jesus lord christ mg mcg ml cc kg lbs lb
    ounces milligrams milligram micrograms microgram milliliters units mmhg";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_known_word_and_a_drug_is_innocent() {
        for name in ["lopez", "mary", "okafor", "nguyen", "siobhan"] {
            assert!(!class(name).known, "{name}");
        }
        assert!(class("metformin").innocent && class("rosuvastatin").innocent && class("colonoscopy").innocent);
        assert!(class("grace").given && class("grace").known);
    }

    #[test]
    fn everyday_phone_words_are_known() {
        for word in ["voicemail", "copay", "i'm", "didn't", "doctor's", "rescheduling", "dermatologist", "monday"] {
            assert!(class(word).known, "{word}");
        }
    }
}
