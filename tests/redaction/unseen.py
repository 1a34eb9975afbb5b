#!/usr/bin/env python3
"""Make tests/redaction/unseen.jsonl: redaction cases that nobody tunes against.

usage: unseen.py [OUT]      (default: unseen.jsonl beside this file)

Standard library only, fixed seed, so the same bytes come out each time. Every sentence and every value list
below was written by hand for this set; all people, numbers and addresses are invented. A frame is one line,
"what the other party said || what the caller says"; {slot} is filled in the form of the style (typed, as a
recogniser prints it, or as spoken words), [text|LABEL] marks a literal and [text|LABEL?] an optional one.
"""
import datetime
import json
import os
import random
import re
import sys
import unicodedata

PER_STYLE = 800      # cases per style
PER_STYLE_PHI = 360  # of these with required PHI (45 %)
PER_STYLE_HARD = 112  # of the others, hard negatives (a quarter)
ERROR_SHARE = 0.20   # of asr and asr_raw cases get a recogniser error

# ------------------------------------------------------------------------------------------------ value lists

GIVEN_F = """
Agnieszka Bozena Kinga Wislawa Halina Folasade Yetunde Omotola Ngozi Chinyere Adaeze Wanjiru Akosua Esi Thandiwe
Nomvula Zodwa Lindiwe Kavitha Meenakshi Thamarai Shanthi Anjali Parvati Gurpreet Harjit Simran Mai Pahoua Kaying
Mee Sina Leilani Tausa Fetuao Malia Kehaulani Dezbah Yanaba Haseya Nizhoni Aiyana Fatoumata Zeinab Maryam Rania
Hanadi Nour Widad Shirin Parisa Mahnaz Golnar Soo-jin Hye-won Eun-mi Kyung-hee Yuki Haruka Tomoko Xiuying Meiling
Yan Thuy Ngoc Lan Phuong Sreymom Bopha Chanthavy Ploy Siriporn Eleni Despina Vasiliki Paraskevi Anthoula Maite
Itziar Nekane Amaia Gudrun Sigridur Ragnheidur Thordis Ylva Solveig Ingeborg Aino Tuulikki Marjatta Roseline
Mirlande Guerda Fabienne Ketsia Marisol Luzviminda Imelda Corazon Ligaya Maricel Xochitl Citlali Guadalupe
Rosalinda Esperanza Yesenia Dulce Siobhan Niamh Caoimhe Aoife Roisin Bronwyn Angharad Eluned Morag Eilidh Catriona
Svetlana Oksana Lyudmila Halyna Ruzica Jadranka Snezana Zsuzsanna Ilona Agota Dragana Milica Ana Shqipe Arjeta
Ayelet Shoshana Tirzah Rivka Zipporah Gulsen Elif Feride Aylin Nazli Hiwot Tigist Almaz Selam Saba Hodan Ifrah
Deqa Soraya Zahra Marguerite Solange Odile Berthe Philippa Gwendoline Winifred Ottilie Hyacinth Latoya Shaniqua
Keisha Tamika Lakshmi Brenda Darlene Charlene Peggy Doreen Maureen Beverley Tracey Kayleigh Chelsea Maddison
""".split()
GIVEN_M = """
Zbigniew Wojciech Krzysztof Mieczyslaw Jerzy Oluwaseun Babatunde Ayodele Kolawole Emeka Chukwuemeka Obinna Ifeanyi
Kwabena Kofi Yaw Sipho Themba Mandla Tendai Murugan Senthil Balasubramaniam Karthik Prakash Venkatesh Jaswinder
Balbir Tou Xeng Chue Kong-meng Vang-pao Tavita Sione Fa'afetai Malakai Kekoa Hastiin Ahiga Bidziil Niyol Mamadou
Ousmane Abdoulaye Khaled Yousef Tariq Bilal Abdulrahman Hussein Behrouz Farhad Kambiz Dariush Siavash Min-jun
Sung-ho Dong-hyun Jae-won Kenji Takeshi Hiroshi Wei Jianguo Zhiqiang Quang Duc Hieu Sokha Vuthy Somchai Anan
Stavros Panagiotis Lefteris Thanasis Kyriakos Iker Gorka Xabier Eneko Aitor Bjorn Thorsteinn Sigurdur Gunnar
Halldor Anders Torbjorn Mikko Jarmo Veikko Jean-Robert Wilner Fritznel Dieudonne Evens Rogelio Crisanto Bayani
Danilo Reynaldo Cuauhtemoc Lazaro Ignacio Heriberto Eusebio Padraig Eoghan Cathal Tadhg Ruairi Emrys Gethin Iolo
Hamish Lachlan Torquil Vyacheslav Bohdan Taras Gennady Zoltan Istvan Csaba Miroslav Zvonimir Slobodan Bekim Agim
Yitzhak Shlomo Avigdor Mordechai Mehmet Cengiz Orhan Tekle Girma Haile Dawit Warsame Abdikarim Liban Mustafa Idris
Thierry Baptiste Gaspard Florian Reginald Nigel Clive Desmond Cuthbert Winston Deshawn Tyrell Jamal Marquis Darnell
Leroy Otis Virgil Elmer Wendell Bradley Curtis Duane Gareth Callum Jayden Kieran Rhys Ebenezer Ezekiel Obadiah
""".split()
# names that are also English words, in both lists
GIVEN_F_WORD = """
May April June Rose Grace Hope Faith Joy Dawn Autumn Summer Ivy Violet Daisy Heather Ginger Olive Sage Penny Ruby
Pearl Jade Amber Crystal Melody Harmony Destiny Misty Star Sunny Robin Wren Iris Fern Holly Hazel Charity Patience
Mercy Prudence Constance Sandy Cherry Candy Honey Sky Chastity Treasure Precious Blessing Angel Carol Sue Pat
""".split()
GIVEN_M_WORD = """
Will Mark Bill Art Chase Hunter Frank Rob Drew Grant Miles Cliff Rich Jack Earl Duke Christian Major Jay Ray Gene
Dean Skip Chip Buck Bob Josh Nick Guy Max Royal King Prince Bishop Carter Mason Archer Forest Stone Ash Reed Clay
Rusty Rocky Sterling Wade Lance Pierce Dusty Ford Lane Colt Gray Red Buddy Junior Sonny Early Ace Bud
""".split()
FAMILY = """
Wojciechowski Kaczmarek Szymanska Grzybowski Przybylski Adeyemi Ogunleye Babalola Oyelaran Adewale Okafor Nwachukwu
Onyekachi Eze Umeh Boateng Asante-Mensah Owusu Mutua Kamau Ng'ang'a Odhiambo Dlamini Nkosi Mthembu Chigumba
Subramanian Ramanathan Thangavel Natarajan Krishnaswamy Iyer Chattopadhyay Mukherjee Banerjee Deshpande Kulkarni
Patwardhan Dhaliwal Sandhu Bhullar Vang Xiong Moua Yang Thao Lor Her Fa'asavalu Tuiasosopo Leiataua Tuilagi
Fonoimoana Kealoha Kamakawiwo Begay Tsosie Yazzie Benally Nez Manuelito Etsitty Diallo Traore Coulibaly Keita Sow
Al-Masri Haddad Khoury Al-Tamimi Abdelrahman El-Sayed Bensalem Boukhari Rahmani Farrokhzad Tehrani Moghaddam
Shahbazi Hosseini Khorasani Pahlavan Kwon Choi Jeong Baek Seo Hwang Noh Nakamura Fujimoto Hasegawa Ishikawa Ouyang
Zhuang Xie Qiu Cai Nguyen Tran Huynh Truong Vo Dinh Chhim Sok Prak Phommachanh Suwannarat Papadopoulos
Karagiannis Hatzidakis Economou Stavropoulou Etxeberria Goikoetxea Urrutia Zubizarreta Agirre Mendizabal
Jonsdottir Sigurdsson Gudmundsson Bjarnason Lindqvist Oyen Halvorsen Bergstrom Virtanen Makela Korhonen Pierre-Louis
Jean-Baptiste Toussaint Desrosiers Lafontant Saint-Fleur Macaraeg Dimaculangan Pangilinan Batungbakal Catacutan
Manalo Xicotencatl Tlatelpa Villalobos Zambrano Quispe Huaman Mamani Echeverria Bustamante Arreola Cuellar
O'Shaughnessy MacGillivray McElhinney O'Dowd Ni-Bhriain Featherstonehaugh Cholmondeley Llewellyn Prydderch Gwynne
Cadwallader Buchanan Farquharson Colquhoun Kovalenko Shevchuk Hrytsenko Bondarenko Petrosyan Hakobyan Kvaratskhelia
Tsiklauri Horvath Szabo Nemeth Dvorak Prochazka Novotny Kopecky Vukovic Djordjevic Mihailovic Hadzic Krasniqi Hoxha
Rosenzweig Feigenbaum Ben-David Abramovich Yildirim Kucuk Ozdemir Gebremariam Woldemichael Tesfaye Abdullahi Mohamud
Farah Warsame Boudreaux Thibodeaux Arceneaux Robichaud Gagnon Bouchard Vanderbilt Vandersloot Dijkstra Hoekstra
Schweitzer Krueger Oberholtzer Zimmermann Pfefferkorn Ferrante Capobianco Mastroianni D'Agostino Lo-Presti
Di-Benedetto Teixeira Figueiredo Magalhaes Nascimento Abernathy Hollingsworth Ainsworth Braithwaite Ramsbottom
Postlethwaite Thistlethwaite Entwistle Ogilvie Blenkinsop Winterbottom Higginbotham Pettigrew Culpepper Lovelace
Satterfield Crutchfield Jefferson Washington Broussard Stallworth Gaither Womack Tolliver Pickering Hargreaves
Oakley Whitlock Cartwright Kingsley Barraclough Trelawney Penhaligon Tregenza Kipkemboi Rasmussen Vestergaard Nystrom
Ishmael Qureshi Chaudhry Siddiqui Bhutto Rajapaksa Wickramasinghe Gunawardena Perera Tamang Gurung Shrestha Thapa
Wangchuk Dorji Batbayar Ganbold Aung Thein Kyaw Sukarno Wijaya Hartono Simanjuntak Rakotomalala Andrianarivo
Tupou Vakata Ratumaitavuki Waititi Ngata Tauranga Deer-Smith Runningwater Ironcloud Standing-Elk Whitehorse
""".split()
FAMILY_WORD = """
Long Short Young Strong Rich Black Brown White Green Gray Baker Cook Carpenter Price Cash Banks Church Bell Cross Day
Weeks Winter Frost Snow Waters Rivers Brooks Lake Fields Woods Hill Stone Wolf Fox Lamb Bird Swan Drake Fish Pike Best
Good Love Moon Self Call Case Wise Savage Moody Sharp Pope Page Story Read Wright Close Small Bright Gamble Penny
Butler Shepherd Mason Fisher Hunter Walker Parks Street Rhodes Wall House Bridges Glass Coffey Rice Bean Pepper Bacon
Berry Lemon Root Branch Leaf Blood Head Foot Hand Bones Payne Paine Looney Blank Noble Valentine Christmas Sunday
""".split()

TOWNS = """
Chillicothe|Tucumcari|Eau Claire|Bemidji|Opelousas|Thibodaux|Yreka|Sequim|Puyallup|Walla Walla|Coeur d'Alene|Kalispell
Havre|Minot|Pierre|Kearney|Ottumwa|Sheboygan|Kankakee|Terre Haute|Paducah|Murfreesboro|Tuscaloosa|Biloxi|Waycross
Kissimmee|Ocala|Hialeah|Spartanburg|Roanoke|Altoona|Scranton|Schenectady|Poughkeepsie|Worcester|Pawtucket|Nashua|Bangor
Montpelier|Waterbury|Hoboken|Paterson|Allentown|Wilmington|Frederick|Annapolis|Norfolk|Greensboro|Asheville|Macon
Mobile|Hattiesburg|Shreveport|Texarkana|Lubbock|Amarillo|El Paso|Brownsville|McAllen|Las Cruces|Gallup|Flagstaff|Yuma
Chula Vista|Bakersfield|Fresno|Modesto|Redding|Eugene|Bend|Yakima|Spokane|Anchorage|Wasilla|Hilo|Chicago|Houston|Denver
Phoenix|Atlanta|Detroit|Milwaukee|Cleveland|Tulsa|Omaha|Boise|Reno|Tempe|Plano|Aurora|Buffalo|Peoria|Orange|Normal
Truth or Consequences|Show Low|Big Timber|Sandwich|Reading|Bath|Hull|Leeds|Wigan|Stoke-on-Trent|Kidderminster|Slough
Basingstoke|Milton Keynes|Scunthorpe|Grimsby|Llanelli|Aberystwyth|Merthyr Tydfil|Kirkcaldy|Inverness|Dundee|Paisley
Ballymena|Derry|Omagh|Drogheda|Tralee|Cork|Ennis|Saskatoon|Moose Jaw|Chicoutimi|Kamloops|Sudbury|Wagga Wagga|Ballarat
Geelong|Dunedin|Invercargill|Ibadan|Enugu|Kumasi|Mombasa|Mogadishu|Durban|Casablanca|Aleppo|Basra|Isfahan|Lahore
Madurai|Chandigarh|Dhaka|Cebu|Davao|Da Nang|Busan|Sapporo|Chengdu|Lodz|Bydgoszcz|Thessaloniki|Bilbao|Reykjavik|Tampere
Port-au-Prince|Guadalajara|Oaxaca|Cochabamba|Recife|Kharkiv|Tbilisi|Nome|Cut Bank|Elko
""".replace("\n", "|").strip("|").split("|")
COUNTIES = """Maricopa County|Cuyahoga County|Travis County|San Bernardino County|Bexar County|Hennepin County|Wake County
County Mayo|Ouachita Parish|Dekalb County|Snohomish County|Lackawanna County|County Durham|Pima County""".replace("\n", "|").split("|")
STATES = """Ohio Texas Oregon Minnesota Louisiana Georgia Florida Montana Arizona Vermont Kentucky Wisconsin Nevada
Tennessee Alabama Michigan Iowa Virginia""".split()
COUNTRIES = "Mexico|Poland|Nigeria|the Philippines|India|Haiti|Vietnam|Greece|Ireland|Canada|Somalia|Portugal".split("|")
STREETS = """
Linden|Magnolia|Sycamore|Juniper|Persimmon|Old Mill|Quarry|Lower Ferry|Saint Charles|Martin Luther King|Pulaski|Kosciuszko
Ponce de Leon|Alvarado|Camino Real|Wabash|Monongahela|Tecumseh|Chippewa|Peachtree|Bayou|Cottonwood|Mesquite|Cactus Wren
Red Hawk|Whippoorwill|Nightingale|Station|Church|Mill|Castle|Queens|Victoria|Albert|Windsor|Balmoral|Gladstone|Nelson
Hawthorn|Primrose|Blackberry|Larkspur|Foxglove|Jefferson|Garfield|Lafayette|Lexington|Concord|Shiloh|Gettysburg
Eleventh|Second|Forty-Third|North Ninth|Southwest 8th|East Fourth|County Line|Turnpike|Depot|Harbor View|Lighthouse
Sandpiper|Elm|Main|Division|Canal|Prospect|Highland|Ridge|Sunset|Broadway
""".replace("\n", "|").strip("|").split("|")
STREET_KIND = "Street|Street|Avenue|Avenue|Road|Road|Lane|Drive|Drive|Court|Boulevard|Place|Way|Terrace|Circle|Crescent|Close".split("|")
EMPLOYERS = """
Kroger|Walmart|Home Depot|Costco|Waffle House|Dollar General|FedEx|UPS|Amazon|Target|Lowe's|Publix|Safeway|Trader Joe's
Chick-fil-A|Starbucks|Jiffy Lube|Greggs|Tesco|Asda|Sainsbury's|Royal Mail|Network Rail|Wetherspoons|British Gas|B&Q
Delta Air Lines|Boeing|John Deere|Caterpillar|Tyson Foods|Smithfield|Perdue Farms|Raytheon|Lockheed Martin|General Mills
Hormel|Halliburton|Baker Hughes|Rolls-Royce|JCB|Ocado|Dell|Intel|Comcast|Verizon|Wells Fargo|State Farm|Greyhound
Petersen Roofing|Gulf Coast Drywall|Hollis Brothers Plumbing|Mancini Bakery|Three Rivers Foundry|Delgado Landscaping
Blue Heron Brewing|Sunrise Poultry|Lakeshore Transit|Tri-County Electric|Northfield Paper Mill|Ashby Freight
Bright Minds Daycare|Harwood Middle School|Eastgate Dental Lab|Ridgeway Unified School District|Pine Bluff Fire Department
Oakdale Public Library|Harbor Point Marina|Castellano Motors|Yoder Cabinets|Big Sky Outfitters|Copper Kettle Diner
Magnolia Nail Spa|Vu's Alterations|Singh Logistics|Kowalczyk and Sons|Mercer Aggregates|Fairview Nursing Home
Saint Luke's Hospital|University of Akron|Leeds City Council|Calder Valley Carpets|Penrose Solicitors|Brightwater Pools
Apex Staffing|Silverline Security|Kestrel Engineering|Dunmore Dairies|Trask Lumber|Osage Casino|Valley Ag Supply
""".replace("\n", "|").strip("|").split("|")
CLINICS = """Lakeside Family Practice|Riverbend Clinic|Mercy General|Saint Agnes Hospital|Northgate Surgery|the Elmwood Health Center
Cedar Valley Pediatrics|Summit Orthopedics|the Royal Infirmary|Bayside Dermatology|Harmony Women's Health|Desert Eye Associates
Tri-City Cardiology""".replace("\n", "|").split("|")
PHARM = "Walgreens|CVS|Boots|Rite Aid|Lloyds Pharmacy|the Medicine Shoppe".split("|")
INSURERS = """Aetna|Cigna|Humana|Blue Cross|UnitedHealthcare|Kaiser|Medicaid|Medicare|Bupa|Anthem|Tricare|Delta Dental|Molina
Ambetter|Vitality|AXA|MetLife|Oscar""".replace("\n", "|").split("|")
DRUGS = """metformin|lisinopril|atorvastatin|amlodipine|gabapentin|sertraline|levothyroxine|omeprazole|prednisone|warfarin|Eliquis
Ozempic|Humira|Trulicity|Xarelto|Synthroid|Lasix|albuterol|amoxicillin|azithromycin|tramadol|hydroxychloroquine|methotrexate
Lantus|Wellbutrin|Lexapro|Adderall|Zofran|Flonase|Claritin|naproxen|meloxicam|spironolactone|clonidine|Januvia|Jardiance
co-codamol|ramipril|bisoprolol|citalopram|salbutamol|Ventolin|Depakote|Keppra|lamotrigine|buspirone|Premarin|Tamiflu
Bactrim|doxycycline|Celebrex|tamoxifen|letrozole""".replace("\n", "|").split("|")
EPONYMS = """Parkinson's|Crohn's|Hashimoto's|Graves' disease|Addison's|Bell's palsy|Raynaud's|Sjogren's|Meniere's|a Baker's cyst
Dupuytren's|Hodgkin's|Lou Gehrig's disease|Lyme disease|Tourette's|Marfan syndrome|Cushing's|Huntington's|Alzheimer's
Barrett's esophagus|Peyronie's|Kawasaki disease|Paget's|Wilson's disease|Down syndrome|Asperger's|De Quervain's|Von Willebrand's
Osgood-Schlatter|Guillain-Barre|Gilbert's syndrome|Charcot foot|Turner syndrome|Sever's disease|Scheuermann's""".replace("\n", "|").split("|")
CONDITIONS = """high blood pressure|diabetes|asthma|gout|shingles|eczema|psoriasis|arthritis|migraines|a hernia|pneumonia
sciatica|vertigo|sleep apnea|endometriosis|kidney stones|gallstones|a UTI|bronchitis|reflux|anemia|a fib|COPD|glaucoma""".replace("\n", "|").split("|")
SYMPTOMS = """a rash|a sore throat|a dry cough|a fever|chest tightness|numb toes|blurry vision|a stiff neck|heartburn|dizzy spells
a swollen ankle|night sweats|cramps|a pounding headache|shortness of breath|an ear ache|itchy eyes|back pain""".replace("\n", "|").split("|")
BODY = "knee|shoulder|hip|elbow|wrist|ankle|lower back|neck|jaw|left foot|right hand|big toe|collarbone|stomach".split("|")
MAIL_HOSTS = """gmail.com|yahoo.com|hotmail.com|outlook.com|aol.com|icloud.com|btinternet.com|comcast.net|proton.me|sbcglobal.net
hotmail.co.uk|live.com|verizon.net|yahoo.co.uk|att.net""".replace("\n", "|").split("|")
MAIL_WORDS = """bluebird|trucker|nana|quilting|goldenretriever|lakelife|bigred|sunflower|mrfixit|tigerfan|coffeelover|musicteacher
oldtimer|fisherman|craftymom|redsox|packers|gardening""".replace("\n", "|").split("|")
PHONETIC = {
    "a": "apple alpha Adam", "b": "boy bravo Bob", "c": "cat Charlie Carol", "d": "dog delta David",
    "e": "echo Edward elephant", "f": "Frank foxtrot fish", "g": "golf George goat", "h": "hotel Harry house",
    "i": "India igloo Isaac", "j": "Juliet John jam", "k": "kilo kite Kevin", "l": "Lima Larry lemon",
    "m": "Mary mike mother", "n": "Nancy November nut", "o": "Oscar orange Oliver", "p": "Peter papa pizza",
    "q": "queen Quebec", "r": "Romeo Robert rabbit", "s": "Sam sierra sugar", "t": "Tom tango tiger",
    "u": "umbrella uniform", "v": "Victor victory", "w": "whiskey William water", "x": "x-ray", "y": "yellow Yankee yoyo",
    "z": "zebra Zulu",
}
# what a recogniser makes of a name it does not know
MISHEARD = {
    "Siobhan": "Chevonne", "Niamh": "neve", "Caoimhe": "Keeva", "Aoife": "Eva", "Roisin": "Rosheen", "Tadhg": "tiger without",
    "Padraig": "porrig", "Eoghan": "Owen", "Ruairi": "Rory", "Angharad": "and Harrod", "Nguyen": "win", "Huynh": "when",
    "Xiong": "shong", "Moua": "Mua", "Thao": "Tao", "Vang": "van", "Lor": "lore", "Her": "hair", "Wojciech": "voy check",
    "Krzysztof": "Christoph", "Agnieszka": "Agnes Ka", "Zbigniew": "Spig new", "Wojciechowski": "Wood Chahoski",
    "Przybylski": "Shibilsky", "Oluwaseun": "Olu Wa Shawn", "Babatunde": "Baba Tunday", "Chukwuemeka": "Chuck Wemeka",
    "Folasade": "follow Sharday", "Ngozi": "and Gozi", "Adaeze": "a Daisy", "Nwachukwu": "Wachuku", "Okafor": "Oak for",
    "Balasubramaniam": "Bala super money um", "Subramanian": "super manian", "Krishnaswamy": "Krishna swami",
    "Fa'afetai": "Fafa tie", "Tuiasosopo": "Tui a so so po", "Leiataua": "Lay a Tower", "Begay": "big A", "Tsosie": "so see",
    "Yazzie": "Yassy", "Benally": "Ben Ali", "Hastiin": "hosting", "Nizhoni": "new Johnny", "Mahnaz": "man as",
    "Behrouz": "Bay Rooz", "Farrokhzad": "Farrok's ad", "Moghaddam": "Mo got him", "Khorasani": "Cora Sonny",
    "Hye-won": "hey one", "Kyung-hee": "Kiang he", "Dong-hyun": "Dong Yun", "Jae-won": "J one", "Choi": "Choy",
    "Baek": "back", "Noh": "no", "Papadopoulos": "Papa Dopolis", "Karagiannis": "Kara Yanis", "Despina": "this Pina",
    "Lefteris": "left Harris", "Etxeberria": "Etch a Berria", "Goikoetxea": "go Eco chair", "Zubizarreta": "Zoobie's a Retta",
    "Itziar": "eat czar", "Nekane": "the Connie", "Jonsdottir": "Johns daughter", "Thordis": "Thor dis", "Ragnheidur": "Rag nyder",
    "Gudmundsson": "good Monson", "Mirlande": "Mere Land", "Dieudonne": "due Donnay", "Saint-Fleur": "Saint flower",
    "Pierre-Louis": "Pier Louie", "Luzviminda": "lose Fiminda", "Dimaculangan": "Dima cool Angan", "Batungbakal": "but tongue back all",
    "Xochitl": "so cheat", "Cuauhtemoc": "Kwow Tay Mock", "Xicotencatl": "She co ten cattle", "Featherstonehaugh": "Fanshaw",
    "Cholmondeley": "Chumley", "Colquhoun": "Cahoon", "Farquharson": "Far kerson", "Kvaratskhelia": "Quarter Skelia",
    "Tehrani": "to Ronnie", "Boudreaux": "Boo drow", "Thibodeaux": "Tibbadoe", "Arceneaux": "arsenal", "Mutua": "mutual",
    "Ng'ang'a": "Nganga", "Mthembu": "em tembu", "Thandiwe": "Thundy way", "Gebremariam": "Gabriel Mariam", "Hiwot": "he what",
    "Warsame": "war Sammy", "Deqa": "Decca", "Sreymom": "sray mom", "Phommachanh": "Poma Chan", "Kipkemboi": "kept Kem boy",
    "Rakotomalala": "Rocco to Malala", "Ratumaitavuki": "Ratu my Tavuki", "Shlomo": "slow mo", "Zsuzsanna": "Jujanna",
    "Istvan": "East van", "Ilona": "alone a", "Sigurdur": "cigar door", "Eluned": "a lynid", "Iolo": "yolo", "Cathal": "Cahill",
    "Parisa": "per Lisa", "Golnar": "goal nar", "Tou": "two", "Chue": "chew", "Xeng": "sang", "Mee": "me", "Sina": "seen a",
}
HOMOPHONE = {  # in dictated digits and letters
    "two": "to too", "four": "for", "eight": "ate", "one": "won", "oh": "o owe", "six": "sex sics", "b": "be bee", "c": "see sea",
    "u": "you", "y": "why", "r": "are", "t": "tea", "p": "pea", "q": "queue cue", "i": "eye", "k": "kay okay", "j": "jay",
    "z": "zee", "g": "gee", "m": "em n", "n": "and en", "o": "oh", "l": "el", "f": "eff s", "s": "f", "d": "the dee", "v": "b",
    "x": "ex", "2": "to", "4": "for", "8": "ate", "five": "fife", "nine": "nein line", "forty": "fourty", "third": "thirst",
    "fourth": "forth", "three": "free", "dash": "dish", "dot": "dog", "at": "add", "0": "o", "a": "hey eh", "h": "age", "e": "he",
    "w": "double you", "ten": "tin", "street": "straight", "road": "rode", "avenue": "have a new",
}
LIT_HOMOPHONE = {
    "your": "you're", "there": "their", "to": "too", "for": "four", "its": "it's", "here": "hear", "right": "write", "know": "no",
    "need": "knead", "appointment": "a pointment", "doctor's": "doctors", "prescription": "subscription", "refill": "re fill",
    "calling": "callin", "would": "wood", "and": "an", "are": "our", "because": "cause", "insurance": "assurance", "see": "sea",
    "week": "weak", "weeks": "weak's", "pain": "pane", "wait": "weight", "our": "hour", "clinic": "clinical", "pills": "peels",
}

# ------------------------------------------------------------------------------------------------ frames with PHI

PHI = r"""
! Hi, yeah, {full} here, I was cut off a second ago.
! Good morning, this is {full}, I'm one of {doc}'s patients.
! Hello? Hello, is anybody there? It's {first@1}. {first@1} {last@1}.
! Hey, it's {first} again, the one with the {body}.
My name's {full@1}, {last@1} is {spell@1}.
So I go by {first} but the card says {full}.
! Yes hello, {last} is the name, I rang about twenty minutes ago about the blood test.
! You're speaking to {full}, how can I help you?
! Oh, sorry, I should have said. {full}.
It's under {last@1}, I think. Or maybe under my married name, {last@2}.
I'm {first}, and I've got my sister {f} on the line with me.
This is Mrs. {last}, I spoke to {nurse} {pwd} about my results.
I'm returning a call, somebody left a message for {full} about a referral.
! Evening. {full} speaking. I have a bit of an odd question about {drug}.
Uh, {first} {last}, and before you ask, no, I do not have the card with me.
! Hiya, it's {f}, {m}'s mum. Is the nurse about?
Call me {first}, nobody calls me Mr. {last} except my bank.
Put it down as {last@1} [comma|NAME?] {first@1}.
I used to be {full:f@1} but I got divorced, so now it's {first@1} {last@2}.
{full}, and I'd like to know whether my {drug} has come in.
You'll have me down as {first@1}, but it's spelled wrong. It should be {spellf@1}.
Everybody gets it wrong, it's {spell@1}, {last@1}.
! Good afternoon, my name is {full} and I am calling on behalf of my neighbor, {full:f}.
Am I speaking with {full}? || Speaking, but please, call me {first@2}.
Am I speaking with {full}? || No, this is his daughter {f}, he's asleep.
And who am I talking to? || {full}, I'm the wife.
And who am I talking to? || It's just {first}.
Sorry, I didn't catch your name. || {full@1}. {spellf@1}, new word, {spell@1}.
Sorry, was that {first@1}? || No, {first@2}, with a {letter}.
What name is it under? || Should be {last}.
What name is it under? || Try {last@1}, and if that doesn't work try {last@2}.
Can I take your full name please? || {first@1} {initial} {last@1}.
Can I take your full name please? || Sure. Last name {last@1}, first name {first@1}.
First name? || {first}.
And the surname? || {last@1}. {spell@1}.
And the surname? || {spell}.
Could you spell that for me? || Of course, {spell}.
Could you spell that for me? || Okay so the first name is {spellf@1} and the last name is {spell@1}.
Can you spell your first name? || {spellf}.
Who should we call in an emergency? || My brother {m}, he's on {phone}.
Who should we call in an emergency? || {full}, she's my partner. You want her cell? {phone}.
What is your mother's maiden name? || {last}.
What's the patient's name? || Her name is {full:f}.
What's the patient's name? || {full:m}, he's {age}.
And your middle name? || It's {first}.
Sorry, how is that written? || It trips everyone up. {spell}.
Thank you, and your date of birth? || {dob}.
Thank you, and your date of birth? || Uh, {dob}, and I'm the older twin.
And when was she born? || She was born on {dob}.
Date of birth, please. || {dob}
Date of birth, please. || It's {dob}. No hang on, that's my husband's. Mine's {dob}.
Can you confirm your birthday? || {fd}.
What's the little one's birthday? || {date}, so she'll be {kid} soon.
And what day is your birthday? || The [{n31}|DATE].
What month were you born? || [{month}|DATE].
Just the day and month is fine. || {date}.
When did you have the operation? || It was {date}, at {clinic}.
When did the fall happen? || On {date}, out in the yard.
When did you last see us? || Must have been {my}.
When was your last period? || I think it started {date}.
Do you remember the date of your last tetanus shot? || {fd}, I cut my hand on a fence.
What day works for you? || {wdn} {day} would be perfect.
What day works for you? || Could you do {date}? After {clock}?
Which day were you looking at? || {day} or {day@2}, either one.
What's the best number to reach you? || {phone}.
What's the best number to reach you? || The cell is best, {phone}.
What's the best number to reach you? || Uh, {phone}, but don't call before {clock}.
And a phone number? || {phone}, and that's a landline.
And a phone number? || {phone}
Can I get a callback number in case we get cut off? || Sure it's [area code|PHONE?] {phone}.
Is this number a good one for texts? || No, text my wife's, it's {phone}.
So that's {phone}? || No, the end is {ph4}.
So that's {phone}? || No no no, {phone}.
Could you repeat the last four? || {ph4}.
And is there an extension? || Yes, [extension|PHONE?] {ext}.
Where should we fax that? || The fax is {phone}, attention {full}.
What's your address? || {addr}.
What's your address? || {full_addr}.
And your current address? || {addr}, that's in {city}.
What street is that on? || {street}.
House number? || [{n3}|ADDRESS].
Is there an apartment number? || [Apartment|ADDRESS?] {unit}.
Is there an apartment number? || {unit}, it's upstairs at the back.
City and state? || {city}, {state}.
Which town are you in? || {city}.
What town is that, sir? || Just outside {city}, off {street}.
And the postcode? || {zip}.
What's your zip? || {zip}.
What's your zip? || It's {zip}, same as the clinic.
What county is that in? || {county}.
Where are you calling from today? || I'm in {city} visiting my daughter {f}.
Where were you born? || {city}, {country}.
What's the email on the account? || {email}.
What's the email on the account? || It's {email}, all lowercase.
Do you have an email we can send the forms to? || Yes, {email}. Do you need me to spell it?
Which email did you use to sign up? || Either {email} or my work one, {email}.
Can you read me the number on the card? || {id:member}.
Can you read me the number on the card? || The ID says {id:member} and the group is {id:group}.
What's your member ID? || {id:member}
And the group number? || It's {id:group}, I think.
Do you have your record number? || Yep, {id:mrn}.
Do you have a claim number? || {id:claim}.
Can I have the last four of your social? || {id:ssn4}.
Can I have the last four of your social? || Sure, {id:ssn4}, and my name's {full}.
And the social security number? || {id:ssn}.
Your NHS number if you have it? || {id:nhs}.
What's your account number? || {id:acct}.
What's the prescription number on the bottle? || {id:rx}.
What's the prescription number on the bottle? || Let me put my glasses on. {id:rx}. Does that help?
And the card number? || {id:card}.
Expiry date on the card? || [{mmyy}|DATE].
And the three digits on the back? || [{cvv}|ID].
Reference number? || {id:ref}.
Do you have your confirmation code? || {id:conf}.
What's your license plate? || {id:plate}.
Driver's license number? || {id:dl}.
Serial number of the device? || {id:serial}.
What's your username? || {id:login}.
What code did we send you? || {id:otp}.
National insurance number please. || {id:nino}.
Can you give me the policy number? || {id:policy}, it's in my husband's name, {full:m}.
Booking reference? || {id:conf}, under {last}.
How old is your mother? || She's {age90}, believe it or not.
And how old is he? || {age90}.
How old is the patient? || He'll be {age90} in a couple of months.
Who do you work for? || {emp}.
Who do you work for? || I drive a forklift for {emp}.
Where do you work? || {emp}, the night shift.
Where do you work? || I was at {emp} until they laid us all off, now I do a bit of {emp@2} on weekends.
Who's your employer? || It's {emp}, they're the ones who need the note.
Is the insurance through work? || Yeah, through {emp}. {ins}, I believe.
And what does your husband do? || He's a line cook at {emp}.
I need to shift my appointment on {date}, I've got jury duty.
Can I move {first}'s checkup from {date} to {date@2}?
I had something booked for {wd}, {day}, with {doc}, and I can't make it.
Is there anything on {date} after school?
You sent me a letter saying {date} at {clock}, but the text says {date@2}. Which one is it?
We're out of the country from {date} until {date@2}, so anything after that.
I was discharged on {date} and they told me to be seen within {dur}.
My surgery's {date} and nobody's told me when to stop the {drug}.
I had my second shot {date}, so when is the booster due?
I'd like to come in on {day} instead, if there's anything going.
The stitches went in on {date} and they're starting to pull.
She's due {date}, and she's been having contractions every ten minutes.
I started the {drug} on {date}, and the rash came about three days later.
My last visit was {fd}, with {doc}, and I've moved to {city} since then.
He passed away on {date}. I'm calling to cancel his appointments.
I've been off work since {date} and {emp} want a note.
My court date is {date}, so I can't be there on {day}.
So the fall was {date}, and then the ER visit at {clinic} was {date@2}.
Can you tell me if {day} is still available? {wdn} {day@2} would do as well.
I got your voicemail about {date}. That's our anniversary, so no.
My prescription runs out on {day}, can {doc} renew it?
I'm calling about my son {m}, he's {kid} and he's got {sym}.
My little girl {f} swallowed a button.
It's for my dad, {full:m}, his birthday's {dob}.
My wife {f} is in labor, we're on our way in.
Can you tell me how {full:m} is doing? I'm his aunt.
My mother-in-law lives with us, her name is {full:f}, and she's been confused since {pwd}.
{m} won't take the {drug}, he spits it right back out.
It's not for me, it's for my grandson. {full:m@1}, {last@1} like the singer, {dob}.
I look after {f} three days a week, I'm her carer, and she isn't eating.
My husband's name is {m}, he doesn't speak much English so I'm calling for him.
We've got two kids with you, {first@1} and {first@2}, and they both need the flu shot.
My partner {first@1}'s blood work was done {pwd}, has {doc} looked at it?
! Hi, I'm {f}'s sister, I have power of attorney, it should be on file.
My roommate {m} is throwing up blood, should I call 911?
Listen, {m}, I mean my boy, he's burning up, 103 this morning.
The baby's name is {f}, she isn't on the system yet, she was born {date}.
Could you put {first@1} down as my emergency contact instead of {first@2}? We split up.
I got a bill in my mother's name, {full:f}, and she died in {my}.
My cousin {m} drove me in because I couldn't see straight.
{f} and {m} both have {sym}, I think it's going around the daycare.
Please don't call my husband about this. Not {m}. Nobody.
My friend {f} recommended you, she sees {doc}.
Our foster son {m} needs his shots before he starts at his new school on {date}.
Grandma {f} fell again, she's {age90} and she's on {drug}.
I'm her legal guardian, {full}, the court papers should be in the chart.
He's with his stepdad {m} this week so you'd have to call him, it's {phone}.
! Oh, {first}, stop that. Sorry, he's pulling the cord. What were you saying?
! {m}! Turn it down, I'm on the phone! Sorry about that. I need a refill for {drug}.
! Hang on, let me ask. {f}, what was the name of that pill? She says {drug}.
I strained my {body} lifting boxes at {emp}.
My boss at {emp} says I can't come back until I've got a fit note.
I just started at {emp} and I need a TB test for the paperwork.
It's a workers' comp thing. The employer's {emp} and the claim number is {id:claim}.
{emp} changed insurance so I'm with {ins} now.
I'm calling from {emp}, human resources, we need to verify a note for {full}.
I've been a welder at {emp} for {n} years and my hearing's gone.
I clean offices for {emp}, and the chemicals make my hands peel.
My shift at {emp} ends at {clock}, can I come after that?
I quit {emp} in {year}, so that insurance is no good anymore.
They did the drug screen at {emp}, and it came back positive because of my {drug}.
My daughter works at {emp}, so she can drop the forms off.
The {emp} where I work had a gas leak, and I've had {sym} ever since.
We retired out of {emp}, the both of us, and the retiree plan covers {drug}.
I can't take calls at work, it's {emp}, they lock our phones up.
I moved to {city} in {year} and I need a new doctor.
I'm at {addr}, please send somebody, he's not breathing right.
My new address is {full_addr}.
We live out past {city}, so it takes us {n} minutes to get there.
Do you have an office any closer to {city}?
I'd rather go to the {city} location if that's all right.
Can you mail it to {addr}, [apartment|ADDRESS?] {unit}, {city}?
The pharmacy I use is the {pharm} on {street}.
It's the {pharm} in {city}, over by the river.
I fell on the ice on {street}, right in front of the church.
We used to live on {street}, but you can take that off.
The address on my chart is wrong. It says {addr}, and it ought to be {addr@2}.
I'm staying with my son in {city} until I'm back on my feet.
He was airlifted from {city} to {city@2} {pwd}.
I grew up in {city}, so I never had those vaccines.
The bus from {city} only gets in at {clock}.
I'm in [room|ADDRESS?] {unit} at the motel on {street}, and I can't stop shaking.
Can the visiting nurse come out to {addr}? The gate code is [{otp4}|ID].
My mail goes to a PO box, [PO box|ADDRESS?] {unit3}, {city}, {state}, {zip}.
We were in {city} for the holidays, and she picked up some kind of bug.
I got bitten by a dog in {city}, does it matter which county? We're in {county}.
Is that the one on {street} or the one on {street@2}?
Our street doesn't show up on the map, it's {street}, the turn after the mill, {zip}.
You've still got my old zip on there, {zip}.
I'm a traveling nurse, home base is {city}, {state}, but this month it's {city@2}.
I've got a letter here with the number {id:ref} on it and I don't know what it means.
My Medicare number is {id:mbi}.
I'm trying to log into the portal with {id:login} and it says locked.
The pump's serial number is {id:serial}, it keeps beeping.
My pacemaker card says model seven, serial {id:serial}.
I parked in the wrong spot, it's a blue truck, plate {id:plate}.
The claim got denied, number {id:claim}, date of service {date}.
Okay my old insurance was {ins}, ID {id:member}, and that ended.
My new card finally came. {ins}, member number {id:member}, group {id:group}.
It says Rx {id:rx}, and there are no refills left.
The reference they gave me was {id:ref}, and the lady's name was {nurse}.
You already charged the card ending in {id:card4}, so why am I getting another bill?
Take the payment from my Visa, {id:card}, it expires [{mmyy}|DATE].
My social is {id:ssn}, and please don't say it out loud.
I've got my passport here if you need ID, it's {id:passport}.
My green card number? Hold on. {id:passport}.
The tracking number for the test kit is {id:track}, and it says delivered but I never got it.
Invoice {id:acct}, for {price}, that's the one I'm disputing.
My chart number's {id:mrn} if that's quicker.
The code on my screen is {id:otp}.
I had a preauthorization, {id:claim}, from {ins}, for the MRI.
My veteran's ID is {id:mrn} and I go to {clinic}.
I've lost my card but I wrote the number down somewhere. Here. {id:member}. Is that right?
It ends with {id:ssn4}, that's all they'd tell me.
My employee number at {emp} is {id:emp}.
I'm a nurse myself, license {id:dl}, so you can talk to me straight.
The lab slip says accession {id:ref}, collected {date}.
My student ID is {id:emp}, the health center wants my vaccine record.
The CPAP is a rental, and the sticker on the bottom says {id:serial}.
He's on the organ list, his number is {id:mrn}.
It was confirmation {id:conf}, booked by {full}.
! So, {first}, tell me how you've been sleeping.
! All right, {first}, hop up on the table for me and let's look at that {body}.
! Well, {first}, your sugar's come down to 6.9, that's really good.
! {full:m} is a {adult}-year-old man with {eponym} who comes in with {sym}.
! Mrs. {last}, have you had any trouble with the {drug}?
! Hello, Mr. {last}, I'm {doc}, what brings you in?
! I saw {full:f} on {date} and started her on {drug}.
! Good to see you again, {first}. How's {m}?
! Patient's a {age90} year old woman, she lives alone in {city}.
! And {first} here is Mom? Hi, {first}. So what's been going on with {first@2}?
! The patient's date of birth is {dob} and the MRN is {id:mrn}.
! She was admitted on {date} with {cond} and went home {date@2}.
! Let's get you back on {date}, {first}, and we'll redo the labs.
! Tell me, is {f} still living at home with you?
! I'm dictating on {full@1}, that's {spell@1}, date of birth {dob}.
! Okay {first}, deep breath in. And out. Any pain there?
My dad had {eponym} and my uncle {m} has it too.
I take care of my husband {m}, he's {age90} and he's got {eponym}.
My mother {f} had breast cancer at 52, and so did her sister {f@2}.
I've been under a lot of stress, my brother {m} died on {date}.
It started when I was working at {emp}, breathing in all that dust.
I went swimming in the lake by {city}, and {dur} later I had {sym}.
My ex, {m}, used to hit me. I've never told anyone that.
I live with my boyfriend {m} and our two kids, {first} and {first@2}.
Has anyone else at home been sick? || Yes, my daughter {f} had it first.
Who lives with you? || Me, my wife {f}, and her mother, who's {age90}.
Any family history of heart disease? || My father {m} had a bypass in {my}.
What do you do for a living? || I'm a bus driver with {emp}, in {city}.
When did the symptoms start? || Right around {date}, after my trip to {city}.
Did you travel anywhere recently? || I was in {city} and then in {city@2}.
A table for four under {last}, please.
I'd like to book a room from {date} to {date@2}, two adults.
The reservation's in my wife's name, {full:f}, for {date}.
Can you pick me up at {addr} and take me to {clinic}?
It's a taxi for {first}, going from {street} to the train station in {city}.
I left my coat there on {date}, I was at the corner table, name of {last}.
I've got a massage with {nurse} on {day}, can I bring my friend {f}?
! Hello, I'm {full}, I booked a car with you, confirmation {id:conf}.
My haircut's at {clock} on {date}, I'm running late. It's {first}.
Who's the booking for? || {full}, party of six, on {date}.
And a contact number for the booking? || {phone}, ask for {first}.
I want to fly from {city} to {city@2} on {date}, returning {date@2}.
My order's {id:ref}, it was supposed to come to {addr} {pwd}.
Two tickets for {date}, and send them to {email}.
The plumber was meant to come to {addr} at {clock}.
Can you ship it to my office? It's {emp}, {addr}, {city}.
I need to report my card stolen, it's {id:card}.
My name is {full}, my account number is {id:acct}, and I don't recognize a charge for {price}.
Transfer {price} to {full}, the sort code is {id:sort} and the account is {id:bacct}.
I had a car accident on {date} on {street}, my policy's {id:policy}.
The other driver was a {full:m}, his plate was {id:plate}, and he's with {ins}.
My internet's down, the router shows {ip} and the account's under {last}.
I can see someone logged in from {ip}, and that's not me.
I need to change the name on the account from {full@1} to {first@1} {last@2}.
My meter number is {id:serial}, and the reading is [{n5}|ID?].
You've had my address wrong for months. I'm at {addr}, {city}, {zip}.
Can you add my son {full:m} to the car policy? He's {adult}, license number {id:dl}.
Security question, what was the name of your first school friend? || {full}.
Security question, in what city did your parents meet? || {city}.
For security, the last four of the card? || {id:card4}.
Can you verify the phone number we have? || Ends in {ph4}.
Can you verify the address we have? || Either {addr} or the new one, {addr@2}.
And the email we have on file? || Should be {email}, but I can't get into that one anymore.
Who is the policy holder? || {full}, my dad.
Who's listed as the subscriber? || That'd be {full}, through {emp}, and the birth date's {dob}.
I'm {age90} years old and I've never missed a payment.
My aunt turned {age90} {pwd} and she's still driving.
She's a {age90}-year-old lady and you left her in the hallway for six hours.
He's {age90}, deaf as a post, and he won't wear the hearing aid.
At {age90} I think I'm allowed a glass of wine with my {drug}.
My grandfather lived to be {age90}, and he smoked every day.
Both my parents are living, Mom is {age90} and Dad is {age90}.
I posted about it on my blog, {url}.
My sugar readings are all online at {url} if the doctor wants to see.
You can see a picture of the rash, I put it up on {url}.
My own website is {url}, you'll find my number there.
The company computer's on {ip}, it says blocked when I open the portal.
It's asking me for an IP, is that {ip}?
Could you email it to {email} and copy my daughter, {email}?
I never got the link, can you send it again? {email}.
You sent my results to {email}, and that's my ex-husband's.
My number's {phone}, [no wait|PHONE?], {phone}.
It's {first@1} {last@1}, not {last@2}. You people do this every time.
The birthday's wrong on the bracelet, it says {dob} and it should be {dob}.
Sorry, I gave you the wrong thing, the member number is {id:member}, the other was my library card.
I said {city}, not {city@2}.
! Hi, so, um, my name is {full}, my date of birth is {dob}, I'm calling because {doc} wanted me to have a scan of my {body} and nobody has called me, and it's been {dur} now. My number is {phone}.
! Right, let me start from the beginning. I took my mother, {full:f}, to {clinic} on {date} because of {sym}, they kept her for {n} hours, gave her {drug}, and sent her home to {city} in a cab.
! Okay, so I was at work, at {emp}, and I got {sym}, and my manager {m} drove me over, and I left my glasses in the waiting room. Did anyone hand in glasses?
I don't want to be a nuisance, dear, but it's Mrs. {last} from {street}, and the {drug} is making my feet swell up again.
Well the thing is my husband, {m}, he does all the insurance, and he's in {city} until {day}, so can I pay when he's back?
It's a long story, but basically {f} moved in with us in {my}, she's {age90}, she's got {eponym}, and we need somebody to come to the house. The address is {addr}.
Yeah, I have a couple of things. One, the refill, {drug}, {dose}. Two, my new phone, it's {phone}. And three, can you take {first} off my contacts?
! Hi this is {f} over at {emp}, I'm calling about one of our drivers, {full:m}, who had a physical with you on {date}.
I'm calling from {pharm} in {city} about a script for {full}, date of birth {dob}, for {drug} {dose}.
! This is the lab, I've got a critical on {full:f}, potassium 6.8, MRN {id:mrn}.
! Hello, it's {ofirst} at {ins}, I need clinicals for member {id:member}.
My callback is {phone}, [extension|PHONE?] {ext}, ask for {full}.
I'll spell the street for you, it's {spellstreet}, and then the number's [{n3}|ADDRESS].
My name's {last@1}. {spell@1}. No, not {last@2}.
Please fax it to {phone}, it's for {emp}, care of {full}.
Can you leave a message with my neighbor? {full:f}, {phone}.
The ride is for {clock} on {date} from {addr} to {clinic}.
It's {m}. I was supposed to get a call by {clock}.
Is {f} there? She does my mother's nails. No? Wrong number, sorry.
! Tell him {m} called.
! Is this the {last} residence?
! Thanks, {first}, you've been very patient with me.
! {first}? You still there?
Did you say {first@1}? || Yes. {first@1}.
Right, and is it still {addr}? || No, we sold that, it's {addr@2} now.
Is it still {phone}? || No, they changed it, now it's {phone}.
And that was {date}? || No, {date@2}.
So {day}? || No, {day@2}, {wdn}.
Can I get your name and date of birth? || {full}, {dob}.
Can I get your name and date of birth? || {full}. {dob}
Can I get your name and date of birth? || Yeah, {first@1}, {last@1}, and it's {dob}.
Can I have your name and phone number? || {full@1}, that's {spell@1}, {phone}.
Name and zip code please? || {first@1} {last@1}, {zip}.
And your relationship to the patient? || I'm her son, {m}.
And your relationship to the patient? || Stepmother. {full:f}.
Do you have a preferred pharmacy? || The {pharm} on {street} in {city}.
Who referred you? || My neighbor {f}, and also {doc} in {city}.
What time and day is your current appointment? || {date} at {clock}.
How would you like your name to appear? || {full@1}, and it's {first@1} without an H.
What's a good reference for you? || My old supervisor at {emp}, {full}, {phone}.
I'm the mayor's driver in {city}, so please keep this quiet.
I teach at {emp}, half of my class is out with {sym}.
! {last} party, {n} people, we're in the lobby.
My twin brother {m} and I share a birthday, obviously, {dob}, so check that you've got the right chart.
They mixed me up with another {full}, his birthday is {date} and mine is {date@2}.
Can you backdate the note to {date}? {emp} are being funny about it.
I need my shot records for {first}, they're going to camp on {date}.
I'm flying to {city} on {date}, do I need the malaria pills?
I'd like to pay the bill for {full}, account {id:acct}, {price}.
I can do {wdn}, but not {day}, because {f} has a recital.
The nurse said my next {drug} shot is due {date}.
My heart monitor came, serial {id:serial}, and it's supposed to go back by {date}.
! Send the ambulance to {addr}, and hurry, his name's {m}.
Yes, I need a doctor's note for {date} through {date@2}, for {emp}.
I was a patient there as a child, under {full:f}, in {city}, back in {year}.
My niece {f} is on the same plan, her number's {id:member}.
The insurance card says {full@1} but my license says {first@1} {initial} {last@1}.
My mom's landline is {phone}, but she's {age90}, so let it ring.
I'm outside, it's {first}, I'm in the silver van, plate {id:plate}.
Leave it with the doorman, [unit|ADDRESS?] {unit}, {addr}.
Is this still the number for {full}? I'm calling from {clinic}.
! Hello {first}, this is {ofirst} from {clinic}, I'm calling to remind you about {date}.
! Good afternoon, may I please speak to Mr. {last}?
Can I just confirm that's {full}, born {dob}? || That's right, but everyone calls me {first@2}.
! I'm putting you through, {first}, one moment.
! Alright, {first}, I've got you down for {wdn}, {day}, at {clock}.
! So the number I have is {phone}, is that correct?
! And that's {spell}, correct?
! I've sent the link to {email}, you should have it now.
! Your confirmation code is {id:conf}, do you want me to repeat it?
Try me at {phone}, and if I don't pick up, try {phone} and ask for {first}.
My phone got stolen, so use {phone} for now.
I can give you my work number, it's {phone} [extension|PHONE?] {ext}.
The missed call was from {phone}, is that you?
My daughter's number? Let me find it. {phone}. That's {f}'s.
That number you have is dead, the new one's {phone}, please write it down.
Text me at {phone} when he's ready for us.
Who should I ask for? || {first}, and the direct line is {phone}.
Any other number we can try? || There's my work, {phone}, or {phone} for my neighbor.
Can you give me the area code first? || [{area}|PHONE].
Got it, and the rest? || {seven}.
And the first part? || {three}.
Let me read that back, {phone}. || Yes, and if it's busy try {phone}.
I'm on my son's phone, so the caller ID's wrong. Mine's {phone}.
Somebody keeps calling me from {phone} saying they're you.
It's {email}, and {first} at the desk had it wrong last time.
Just shoot it over to {email}.
Is it {email}? || No, there's no dot, it's {email@2}.
Send the portal invite to my mother, {email}, she's {age90} but she's good with computers.
My work address is {email}, but I'd rather you used {email}.
Email the receipt to {email}, please, for the accountant.
I changed providers, so it's {email} now and the old one bounces.
Where shall I send the invoice? || {email}, marked for {first}.
And what comes before the at sign? || [{box}|EMAIL].
There's a page my sister runs, {url}, with all the updates about the operation.
Do you have a website? || Sure, {url}.
Where did you see that? || On {url}, my cousin {f} wrote it.
We're collecting for the funeral at {url}.
You can check my license at {url}.
The camera in Mom's room is at {ip}, and it went offline {pwd}.
What IP address does it show? || {ip}.
What IP address does it show? || It says {ip}, and below that {ip}.
The email header has {ip} in it, that's how I know it was him.
The tech told me to type {ip} in the browser, and now the glucose app won't sync.
What's the zip for the billing address? || {zip}, and it's {city}.
Deliver it to {zip}, number [{n3}|ADDRESS].
I've moved one street over, same postcode, {zip}.
Is it a house or a flat? || Flat, number {unit}, {street}.
When's your due date? || {date}, they moved it up from {date@2}.
I was born {dob}, so I'm {adult}, right?
You have {dob} for her, and that's mine, she's {fd}.
Dad's {age90} on {date}, and we want him home for it.
What year did she turn ninety? || She's {age90} now, so you do the math.
He's not eighty, he's {age90}.
I'm the youngest of nine, my oldest sister {f}'s {age90}.
We need transport for a gentleman, {age90}, on oxygen, from {addr} in {city}.
Put {first@1}, not {first@2}, that's what her passport says, {id:passport}.
Which {last} is it, there are two of you at {addr}? || The younger one. {first}.
{first@1}, {spellf@1}, it's {country}, it's a common name there.
The tag on the wheelchair says property of {full}, {phone}.
"""

# said before or after the matter itself, to make a rambling turn of it
OPENERS = """
Hi there, how are you doing? Good, good.
Oh, hello, finally, a human being. You are a human, aren't you?
Okay, let me see if I can explain this properly.
Right, so, I've been meaning to ring for ages.
Sorry about the noise, they're digging up the road outside.
Hello, yes, good morning, or is it afternoon already?
I hope this is the right department.
I pressed two and it sent me here, and then I pressed it again.
You'll have to bear with me, I've not slept.
So I was talking to the lady before you and the call dropped.
I don't usually call about things like this.
My English isn't perfect, so please go slowly.
Honestly, this has been a nightmare from start to finish.
Listen, I'm at work and I've only got a minute.
Can you hear me? I've got you on speaker.
Oh good, you picked up. I was about to give up.
It's probably nothing, but my wife made me call.
I've written it all down so I don't forget.
I'll try to keep this short.
No rush, whenever you're ready.
I got the letter, and then the other letter, and they don't agree.
I know I only rang this morning, but something's changed.
Please don't put me on hold again.
I've got a baby in one arm and the phone in the other.
Before I forget, there's something I need to tell you.
Bless you for answering.
Well, it's complicated.
Now, I'm hard of hearing, so speak up.
Are you ready? Have you got a pen?
You know how it is, one thing after another.
""".strip().split("\n")
CLOSERS = """
Does that make sense?
I'd be so grateful, honestly.
Is that something you can do for me?
Anyway, that's the story.
Sorry, I'm rambling.
I don't know if that helps at all.
And please, no more letters.
Take your time, I'm not going anywhere.
If not, I'll just come down there in person.
Can you see it on your screen?
What else do you need from me?
I think that's everything. Oh, and are you open at lunch?
Did you get all that?
Let me know either way.
It's been going on long enough.
My wife says I worry too much.
I've got my calendar right here.
So what do I do now?
Is there a fee for that?
Thank you, you're a lifesaver.
I can wait while you look.
It was a bad line last time, so I wanted to check.
You wouldn't believe how many times I've had to say that.
Could somebody ring me back about it?
""".strip().split("\n")

# --------------------------------------------------------------------------------- frames without required PHI

CLEAN = r"""
I need to book an appointment, please.
Do you have anything {wd}?
I've had {sym} for {dur} and it isn't getting any better.
Can I get a refill on my {drug}?
Is {doc} in {wd}?
What are your opening hours?
Are you open on Saturdays?
How long is the wait for a new patient?
I'd like to see somebody about {sym}.
Could you put me through to billing?
Can I talk to a real person?
It hurts when I bend my {body}.
The pain's about a six out of ten, worse at night.
Do I need to fast before the blood test?
I've been taking {drug} for {dur} and it makes me feel sick.
How much would that cost without insurance?
Do you take {ins}?
I'm with {ins}, are you in network?
My blood pressure was {bp} this morning.
I missed a call from this number.
I'm running about {n} minutes late, is that okay?
I'd like to cancel, please.
I want to move my appointment to next week.
! Morning or afternoon, I don't mind.
Can I have a female doctor?
I don't have a doctor at the moment.
I've never been to your clinic before.
The pharmacy says they never got the prescription.
I'm out of {drug} and it's the weekend.
I took two by mistake, is that dangerous?
Does {drug} interact with {drug@2}?
Can I drink alcohol with it?
What should I do if I miss a dose?
! I've been on hold for {n} minutes.
I'm allergic to penicillin and shellfish.
My {kid}-year-old has {sym}.
My son is {kid} and he hasn't had his second measles shot.
She's {n} months old and she won't take a bottle.
I'm {adult} and I've smoked since I was a teenager.
I think I might be pregnant.
I'm {n} weeks along and I've had some spotting.
Do I need a referral for that?
The last time I had this it was {cond}.
I have {cond} and {cond@2}.
I was told to call back for my results.
Could you tell me what a normal reading is?
It comes and goes, mostly after I eat.
I'm not sleeping, I'm not eating, I just lie there.
I don't want to be here anymore.
I feel like the room is spinning.
There's blood in the toilet and I'm scared.
My {body} is swollen up like a balloon.
I twisted my {body} getting out of the car.
I've got an itch I can't reach and a cream that doesn't work.
I cut my finger with a bread knife, does it need stitches?
He's breathing fast and his lips look blue.
I think it's an emergency but I don't know.
Should I go to the ER or wait till Monday?
My chest feels tight when I climb the stairs.
I can't keep anything down, not even water.
The cough is dry and it keeps my wife up.
I've got a lump under my arm, it's about the size of a pea.
I lost my job and I lost my insurance.
I've been sober for {dur}.
I only smoke when I'm with friends.
I walk two miles every morning with the dog.
Is there parking at the clinic?
Is the building wheelchair accessible?
Do you have an interpreter?
I speak Tagalog, is there anyone there who does?
Can my husband come in with me?
Can I do it over video?
My phone's about to die, can you hurry?
I can hardly hear you, the line's terrible.
! Sorry, can you say that again?
! Let me write that down. Okay, go ahead.
! Hang on, I'm driving, let me pull over.
! One second, there's somebody at the door.
! No, that's everything, thank you.
! Okay, bye now. Bye.
! Great, thanks so much for your help.
! Yep. Yep. Okay. Mm-hm.
No, no, no, that's not what I said.
You're a computer, aren't you?
Is this call being recorded?
I'd rather not say.
I already told the last person all of this.
I want to make a complaint.
This is the third time I've called about this.
Nobody ever calls me back.
You've been very kind.
The website keeps logging me out.
I forgot my password for the portal.
I can't open the attachment you sent.
Will you send me a reminder?
I got a text but I deleted it.
My bill says {price} and I thought it was covered.
Can I pay in installments?
What's the copay for a specialist?
I've met my deductible, so why do I owe {price}?
I was charged twice.
The claim was denied because of a coding error.
Do you offer a discount for paying cash?
Could you send me an itemized bill?
I have two insurances, {ins} and {ins@2}.
How do I get a copy of my records?
Can you fax it to my other doctor?
My lawyer needs the notes.
I need a form signed for school.
I need a letter saying I can't lift anything heavy.
What vaccines do I need for a trip abroad?
We're going to {country} for {dur}, do we need shots?
When is the flu shot available?
Do you do walk-ins?
Is there a cancellation list?
How soon can he see me?
The earliest you've got is fine.
Anything after {clock} would be good.
I get off at {clock}, so it would have to be after that.
I can't do mornings, I've got the school run.
Tuesdays and Thursdays are best for me.
Not Wednesday, I've got dialysis.
Could it be any sooner? I'm in a lot of pain.
{wdn} at {clock} works, I'll take it.
Is {clock} too early for you?
I'd like a table for two at {clock}.
We're a party of {n}, and two are in wheelchairs.
Could we sit outside if it's nice?
Do you have anything gluten free?
Is breakfast included in the price?
What time is check-in?
Can I bring my dog?
I want a double room for {n} nights.
I left my umbrella in the taxi.
How much to the airport?
The driver never turned up.
I'd like to order a large pepperoni and a side salad.
My internet has been down since {clock}.
The light on the router is orange.
I want to upgrade my phone plan.
There's a charge on my statement for {price}.
I'd like to check my balance.
My card got swallowed by the machine.
I need to report a stolen card.
What's the interest rate on that?
Can I raise my overdraft limit?
I want to renew my car insurance.
Somebody hit me from behind at a red light.
The excess is {price}, is that right?
My washing machine is leaking.
The delivery was supposed to be here by {clock}.
The heating's been off for {dur}.
I'd like to return a pair of shoes.
When does the sale end?
Can you check if you have it in a medium?
I want to cancel my subscription.
Is the flight on time?
I'd like an aisle seat if there is one.
How many bags can I take?
! So what brings you in today?
! How long has this been going on?
! Any fever or chills?
! Have you noticed any weight loss?
! Does anything make it better or worse?
! Are you allergic to any medications?
! Take a deep breath for me. And let it out.
! I'm just going to listen to your heart.
! Your lungs sound clear, and that's good.
! Let's get an X-ray of that {body}.
! I'm going to start you on {drug}, {dose}, once a day.
! Let's bump the {drug} up to {dose}.
! We'll stop the {drug} and try {drug@2} instead.
! Come back and see me in {dur}.
! Your cholesterol is {lab}, and I'd like to see it lower.
! Your A1C was {a1c}, down from {a1c@2}.
! The ultrasound showed a small cyst, nothing to worry about.
! I'd like you to see {doc}, he's a specialist.
! Take it with food, and call us if you get a rash.
! We'll call you with the results in {n} days.
! Your blood pressure's a little high, {bp}.
! Your heart rate's {hr} and your oxygen is {ox} percent.
! Have you had this before?
! How many pillows do you sleep on?
! Do you drink coffee, and how many cups a day?
! When you stand up quickly, do you feel faint?
! I'd recommend physical therapy twice a week for {dur}.
! The biopsy came back benign.
! You'll need to stop eating at midnight.
! On a scale of one to ten, how bad is it?
! Let's try a smaller dose, {dose}, at bedtime.
! We need to check your kidneys before we do the contrast.
! I don't think it's broken, but let's make sure.
! It looks viral, so antibiotics won't help.
! Keep the wound dry for {dur}.
! You're up to date on everything except tetanus.
! I'm concerned about the weight, we're at {wt} pounds.
! Is it a sharp pain or more of a dull ache?
! Any history of {cond} in the family?
My mother had {cond} and my father had {cond@2}.
My parents are both healthy.
I have a brother and two sisters, all fine.
I'm married with three kids.
I live alone, with a cat.
I'm retired.
I'm a teacher, so I'm on my feet all day.
I work in construction.
I work nights at a warehouse.
I'm a stay-at-home dad.
I'm between jobs right now.
I drive a truck, so I sit for {n} hours at a stretch.
I had my appendix out when I was {kid}.
I broke my {body} playing football.
I had surgery on my {body} {n} years ago.
I was diagnosed with {cond} in {year}.
I haven't seen a dentist since {year}.
I quit drinking in {year}.
I started {drug} about {dur} ago.
My doctor took me off {drug} because of my kidneys.
I take {drug}, {drug@2} and a multivitamin.
I take {dose} of {drug} in the morning and half that at night.
It's the little white pill, I can't remember the name.
The blue one, not the pink one.
I use the inhaler {n} times a day.
I think I need a stronger dose.
The {drug} is {price} now, I can't afford it.
Is there a generic for {drug}?
I never picked up the {drug} because of the price.
Can you send it to {pharm} instead?
{pharm} said it needs a prior authorization.
I want a ninety day supply of {drug}.
They gave me {drug} at {clinic}, but nobody told me how to take it.
The nurse, {nurse}, said to call if the fever went over 102.
{doc} said I could come in without an appointment.
I was hoping to speak to {nurse}.
I'm in the waiting room at {clinic}, is {doc} running late?
I saw {doc} {pwd} and I'm no better.
! {doc}'s office, please hold.
! Thank you for calling {clinic}, how can I help?
! {clinic}, this is {ofirst}.
! Your appointment with {doc} is {wd} at {clock}.
! I can offer you {wdn} at {clock}, or {wdn@2} at {clock@2}.
! We're closed for lunch until {clock}.
! You'll need to bring a photo ID and your insurance card.
! That's {price}, and I can take it over the phone.
! The doctor will call you back before {clock}.
! If this is an emergency, hang up and dial 911.
! You can also call 988, any time, day or night.
! Can I ask what it's regarding?
! Let me check that for you, bear with me.
! I've booked you in, is there anything else?
! I'm afraid he's fully booked until next month.
! Do you mind holding for a minute?
Well, I don't know, I suppose so, whatever suits them, really.
See, I can't come any day the buses don't run.
It started as a tickle and then it went to my chest, and now I cough so hard I pull a muscle, and I've tried honey, I've tried the lozenges, I've tried sleeping in a chair, nothing helps.
So what happened is I bent down to get the laundry, and something went pop, and I've been walking like a crab ever since. My wife thinks it's hilarious. I don't.
I'm calling about two things. One is the {drug}, I need a refill. The other is I've had {sym} for {dur} and I want to know if it's the {drug}.
I'm sorry to bother you, I know you're busy, I just wanted to ask if it's normal for the bruise to go green.
They told me {dur}, then they told me to wait for a letter, and there was no letter, so here I am.
The last clinic was useless. They'd put you on hold, play you that music, and then cut you off.
Look, I don't need a lecture, I need a doctor.
I'm not crying, I've got a cold.
Do you know what, forget it, I'll go to urgent care.
! Could you speak up a bit, my hearing isn't what it was?
I've got my glasses on my head, haven't I? I've been looking for them all day.
The dog ate my pills. Yes, really. All of them.
He eats nothing but chicken nuggets and ketchup.
My feet are cold all the time, even in bed, even with socks.
I woke up and couldn't move my arm for about {n} minutes.
It's like a hot knife going in behind my eye.
My skin is peeling like an onion.
I can't tell if it's anxiety or my heart.
I keep getting palpitations, especially after coffee.
Since the operation I can't feel my {body}.
I got stung by a bee and my hand is twice the size.
The bandage is stuck to the wound.
I've got a temperature of 101.
My ears are ringing day and night.
There's a smell, and the drain site looks angry.
I gained {n} pounds in a week and my ankles are puffy.
He had a seizure that lasted about {n} minutes.
She fell off the swing and bumped her head.
The baby's had {n} wet diapers today.
He's teething and he's got a bit of a temperature.
We gave her some Tylenol and it came down to 99.
Is it safe to give a toddler ibuprofen?
My daughter won't stop scratching.
My kids all have lice.
My partner has the same thing.
My neighbor said it could be {cond}.
My sister's a nurse and she told me to call.
My boss won't give me the time off.
How many days do I have to stay home?
Can I go back to work?
When can I drive again?
Is it contagious?
Do I have to finish the antibiotics?
Should I ice it or put heat on it?
I've been putting cream on it twice a day.
Would a vitamin help?
I read online that it might be {cond}.
I'd like a second opinion.
I need a wheelchair for the airport.
The hearing aid battery keeps dying.
My glucose meter says error.
The oxygen tank's nearly empty.
How do I turn off the alarm on this pump?
My crutches are too short.
I can't swallow big tablets.
My mouth's dry and everything tastes like metal.
Both, I guess.
Uh, maybe.
Neither.
Since about {clock}.
About a week.
Twice a day, with meals.
On and off for {dur}.
! Only when I laugh.
The left one.
Nope, never.
! Oh, that's a relief.
That's fine, I'll wait.
Sure, go ahead.
! Hold on, I'm looking for a pen.
! Okay, and what floor is that on?
! Take the elevator to the third floor and turn left.
! We're right across from the bus station.
! The entrance is around the back.
"""

NON_ANSWER = r"""
What's your date of birth? || Why do you need that?
What's your date of birth? || I'd rather tell the nurse.
What's your date of birth? || Hang on, it's my wife's chart, let me go and ask her.
Can I take your name? || First tell me who I'm talking to.
Can I take your name? || It's not for me.
Can I take your name? || Sure, but can you call me back? I'm almost out of battery.
And your last name? || I don't give that out over the phone.
What's the patient's name? || I don't know his name, he just collapsed in front of my shop.
What's the best number to reach you? || The one I'm calling from.
What's the best number to reach you? || Same as before.
What's your address? || You've already got it.
What's your address? || I'm homeless at the minute.
What's your address? || Between places, I'm sleeping in my car.
Do you have an email? || No, I don't do computers.
Do you have an email? || I've got one but I never look at it.
What's your member ID? || I don't have the card on me.
What's your member ID? || It's {ins}, that's all I know.
What's your member ID? || Where on the card would that be? Front or back?
And the group number? || I can't read it, it's rubbed off.
Last four of your social? || I'm not comfortable giving you that.
Last four of your social? || Isn't the birthday enough?
Who do you work for? || I'm self-employed.
Who do you work for? || Nobody, I'm on disability.
Where do you work? || From home, mostly.
What town are you in? || I haven't got a clue, I'm on the highway.
When did it start? || I couldn't tell you, a while back.
When did it start? || About {dur} ago.
When did you have the surgery? || Oh, years ago. I was {age}.
How old is she? || {age}.
How old is she? || She just turned {age}.
How old are you? || I'm {adult}, but I feel like a hundred.
How many do you take? || Two.
How many do you take? || One and a half, in the evening.
What dose are you on? || {dose}.
What dose are you on? || I think it's {dose}, the small ones.
What was the reading? || {bp}.
What was the reading? || It was {lab} fasting.
What's her temperature? || {temp}.
How much do you weigh? || {wt} pounds, give or take.
How tall is he? || Six foot two.
How tall are you? || Five four.
On a scale of one to ten? || Eight. No, nine.
What time suits you? || {clock}.
What time suits you? || Any time after {clock}.
Which day is best? || {wd}.
Which doctor do you see? || {doc}.
Which doctor do you see? || I don't remember, the tall one.
Who did you speak to? || It was {nurse}, I think.
Which insurance do you have? || {ins}.
Which insurance do you have? || I'm with {ins} through the marketplace.
Which medication? || {drug}.
Which medication? || The {drug}, and the {drug@2} too.
Which pharmacy? || {pharm}.
What seems to be the problem? || {sym}, mainly.
Any medical conditions? || {cond} and {eponym}.
Has anyone in your family had this? || My grandmother, I think. And an aunt.
How many people in your party? || {n}.
How much was the charge? || {price}.
Is that your full name? || Yes.
Is that still your address? || Yeah, nothing's changed.
Is that the right spelling? || Perfect.
And your birthday? || You asked me that already.
Is this your cell? || It's a landline.
Do you have your reference number? || It was in the email, but I deleted it.
Can you spell that? || Do I have to? It's on your screen.
What's the number on the bottle? || There's no number, it only says take one daily.
"""

HARD = r"""
I hope I may come in {wd}, if the doctor will see me.
The fever rose overnight and then it dawned on me to check the thermometer.
May I ask what it's for?
Will it hurt?
Mark it down as a maybe, I'll let you know.
Could you bill me for that later?
You can't chase a pill with grapefruit juice, can you?
She's in good faith, I'm sure, but that's just not true.
Grace period or not, I can't pay {price}.
I'm being frank with you, I stopped taking it.
They robbed me of {n} months of my life.
I have a pat answer for everybody who asks about my weight.
He's going to sue, and I don't blame him.
By dawn the itch was unbearable.
In the summer my hay fever's bad, in the autumn it's my joints.
I put ginger in my tea and sage in my soup.
There's a violet bruise on my {body} and a ruby red spot in the middle.
I smell like a daisy and I eat like a horse.
I pulled up a holly bush and now my hands are raw.
I've got hazel eyes and they never used to itch.
There's some amber fluid draining out of it.
I see little stars and a kind of crystal shimmer.
Can you grant me access to the portal?
I drew the insulin up wrong.
It's miles away and I don't drive.
I fell off a cliff, well, a small one, when I was hiking.
The food was too rich for me.
I hit my head on the car jack.
The major problem is the stairs.
It's ray after ray of light, like a migraine.
It's a gene thing, they said, it runs in the family.
I skip breakfast and I eat potato chips at noon.
I had to duck and my back went.
Max out the dose, is that what you mean?
My son has an angel kiss on his neck, the red mark.
It's a royal pain in the neck.
I had the king prawns and that was that.
I nearly died laughing at the bishop on the TV.
The long and the short of it is, I'm tired.
I'm too young for a hip replacement.
I'm not strong enough to open the jar.
I'm black and blue from the needle.
My tongue's gone white and there's green stuff coming up.
I cook for myself, I don't eat fast food.
What's the price of that?
I only have cash, I don't trust banks.
I go to church and I sing, but I'm out of breath.
It rings like a bell in my left ear.
I'm cross with the lot of you.
It's been a day and a half, not two weeks.
The cold gets into my bones in winter, with the frost and snow.
He's got rivers of sweat running off him.
I got a splinter from chopping woods and fields of ragweed don't help.
I passed a stone {pwd} and it was the size of a bean.
It feels like a wolf gnawing on my {body}.
It was love at first bite, the spider that is.
I howl at the moon, that's how bad it is.
In any case, call me back.
Is it wise to mix {drug} with wine?
I'm moody, I snap at everybody, it isn't like me.
There's a sharp pain when I read.
Turn the page, there's more on the back.
I'll write it down, right, go on.
It's a close call, I know, but I don't want the surgery.
My head, my foot, my hand, everything's numb.
My blood type is O positive.
There's a blank on the form where the price should be.
I burned it on the iron, on the flat part.
I need new reading glasses.
I had a nice warm bath and it eased off.
Is there a mobile mammogram van?
I ate a sandwich and some orange slices.
I choked on a cork, a bit of it anyway.
We had turkey, and then buffalo wings, and then I was sick.
He scratched himself on a piece of broken china.
I'm feeling pretty normal, thanks.
I'll bend it, but it won't go straight.
It's a big deal to me.
My hull of a body can't take any more of this.
I play rugby and I'm always banged up.
I can't march up those stairs twice a day.
Don't be so august with me, young man.
My nose is as red as a cherry.
The pepper in the soup made me sneeze.
He plays bass in a band and his ears ring.
I have no savings left, not a penny.
I found a tick on my {body}, could it be Lyme disease?
They think it might be {eponym}, but the tests aren't back.
My mother has {eponym} and she's on {drug}.
I was diagnosed with {eponym} {n} years ago.
Is {eponym} hereditary?
Could this be {eponym} and not {eponym@2}?
They want to rule out {eponym} with an MRI.
I've lived with {eponym} for {dur}.
They put in a Foley catheter and a Hickman line.
I wore a Holter monitor for {n} days.
! His Glasgow Coma Scale was 14 when they brought him in.
Her Apgar score was nine.
I did the Epley maneuver and the Kegel exercises.
My Achilles is sore and my Pap smear was normal.
I've been having Braxton Hicks contractions since {clock}.
The doctor wants a Doppler of my leg.
I've been taking St. John's wort and some Epsom salts.
I do the Heimlich class every year.
I tested positive for Epstein-Barr and Coxsackie.
It's a Salter-Harris fracture, whatever that means.
He's got a Mallory-Weiss tear.
I had a Whipple and then a Nissen wrap.
The norovirus, or West Nile, or who knows what.
! Take {dose} of {drug} now and {dose@2} in {n} hours.
My sugar was {lab} and then {lab@2} after lunch.
My blood pressure's been {bp}, {bp@2}, all over the place.
It was {temp} at breakfast and {temp@2} by supper.
My hemoglobin was 11.2, my platelets were 240, and the white count was 7.8.
The potassium is 4.1 and the sodium's 138.
My PSA went from 2.3 to 5.6.
! Her INR is 2.7, so keep the {drug} the same.
My TSH is 4.5 and my T4 is normal.
My B12 was low, under 200.
I'm on 20 units in the morning and 14 at night.
I need a 90 day supply, 180 tablets.
He weighs {wt} pounds and he's six feet tall.
I do 10,000 steps a day.
I paid {price} and then another {price@2}.
It was {price} for the scan, and {price@2} for the reading.
My deductible is $2,500 and I've paid 1,800 of it.
I slept three hours, woke up at {clock}, and slept another two.
Two in the morning, one at noon, and three at bedtime.
I had 12 sessions and I've got 8 to go.
It's a 16 gauge needle, I've never seen one so big.
I've had 4 kids, 2 miscarriages, and 1 C-section.
It's 50-50, they said, or maybe 60-40.
My vision's 20/40 in one eye and 20/200 in the other.
My kids are 4, 7 and 11.
She's {kid@1}, he's {kid@2}, and the baby's {n} months.
I'm {adult}, I've got {eponym}, and I take {dose} of {drug}.
We've been married {n} years.
I've called 4 times and I was number 19 in the queue.
I did 911 first and they told me to call you.
The first one was fine, the second one stung, the third one made me faint.
Room temperature's 72 and I'm shivering.
My resting pulse is {hr} and my oxygen's {ox}.
! It's one eighth of a tablet, they're tiny.
The baby's taking 4 ounces every 3 hours.
The lump is 3 by 4 by 6 centimeters.
It came to two fifty, or about that.
I waited from nine to five and nobody came.
I'm a nine to five kind of person.
! Press one for billing, two for refills, three for everything else.
"""

# ------------------------------------------------------------------------------------------------ spoken forms

ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen""".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
ORD = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth",
       10: "tenth", 11: "eleventh", 12: "twelfth", 13: "thirteenth", 14: "fourteenth", 15: "fifteenth",
       16: "sixteenth", 17: "seventeenth", 18: "eighteenth", 19: "nineteenth", 20: "twentieth", 30: "thirtieth",
       40: "fortieth", 90: "ninetieth"}
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

R = random.Random(61803398)
pick = lambda seq: seq[R.randrange(len(seq))]
chance = lambda p: R.random() < p


def below100(n):
    if n < 20:
        return ONES[n]
    return TENS[n // 10] + (" " + ONES[n % 10] if n % 10 else "")


def words(n):
    """A number as it is said."""
    if n < 100:
        return below100(n)
    if n < 1000:
        rest = n % 100
        if not rest:
            return ("a" if n < 200 and chance(0.5) else ONES[n // 100]) + " hundred"
        how = R.randrange(3)
        if how == 0:
            return ONES[n // 100] + " " + (below100(rest) if rest > 9 else "oh " + ONES[rest])
        return ONES[n // 100] + " hundred " + ("and " if how == 1 else "") + below100(rest)
    if n % 1000 and n % 100 == 0 and n < 10000:
        return below100(n // 100) + " hundred"
    return words(n // 1000) + " thousand" + (" " + words(n % 1000) if n % 1000 else "")


def ordinal(n):
    return ORD.get(n) or TENS[n // 10] + " " + ORD[n % 10]


def suffix(n):
    return "th" if n in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")


def year_words(y, short=False):
    if short:
        return below100(y % 100) if y % 100 > 9 else "oh " + ONES[y % 100]
    if 2000 <= y < 2010:
        return "two thousand" + (" and" if chance(0.3) else "") + (" " + ONES[y - 2000] if y > 2000 else "")
    return below100(y // 100) + " " + (below100(y % 100) if y % 100 > 9 else "oh " + ONES[y % 100] if y % 100 else "hundred")


def say_digits(s, pairs=True):
    """A digit string as it is dictated: one by one, doubled, or in pairs."""
    out, i, oh = [], 0, chance(0.65)
    by_pairs = pairs and len(s) >= 2 and chance(0.3)
    one = lambda d: ("oh" if oh else "zero") if d == "0" else ONES[int(d)]
    if by_pairs and len(s) == 3 and s.endswith("00") and s[0] != "0":
        return ONES[int(s[0])] + " hundred"
    while i < len(s):
        if by_pairs and i + 1 < len(s) and (len(s) - i) % 2 == 0 and s[i] != "0":
            out.append(below100(int(s[i:i + 2])))
            i += 2
        elif i + 2 < len(s) and s[i] == s[i + 1] == s[i + 2] and chance(0.6):
            out.append("triple " + one(s[i]))
            i += 3
        elif i + 1 < len(s) and s[i] == s[i + 1] and chance(0.55):
            out.append("double " + one(s[i]))
            i += 2
        else:
            out.append(one(s[i]))
            i += 1
    return " ".join(out)


def as_in(c, style):
    w = pick(PHONETIC[c.lower()].split())
    if style == "asr_raw":
        how = R.randrange(4)
        w = w.lower().replace("-", " ")
        return [c.lower() + " as in " + w, c.lower() + " for " + w, w, c.lower() + " like " + w][how]
    c = c.upper()
    return pick(["%s as in %s", "%s for %s", "%s, as in %s", "%s. as in %s"]) % (c, w)


def say_letters(s, style="asr_raw", rich=0.5):
    """Letters as words of a dictation (asr_raw)."""
    out, i = [], 0
    nato = chance(0.15)
    while i < len(s):
        c = s[i].lower()
        if i + 1 < len(s) and s[i + 1].lower() == c and chance(0.6):
            out.append("double " + c)
            i += 2
            continue
        if not c.isalnum():
            out.append({"-": pick(["dash", "hyphen"]), "'": "apostrophe"}.get(c, c))
        elif nato or (c in "bcdefmnpstvz" and chance(0.12 * rich * 2)):
            out.append(as_in(c, "asr_raw") if not nato else PHONETIC[c].split()[0].lower().replace("-", " "))
        elif c == "z" and chance(0.4):
            out.append("zed")
        else:
            out.append(c)
        i += 1
    return " ".join(out)


def plain(s):
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", s) if not unicodedata.combining(c))


def fold_raw(s):
    """Literal text as asr_raw: lower case, words only."""
    s = s.replace("C-section", "c section").replace("50-50", "fifty fifty").replace("60-40", "sixty forty")
    s = re.sub(r"\ba\.m\.?", "a m", s)
    s = re.sub(r"\bp\.m\.?", "p m", s)
    s = re.sub(r"\bDr\.? ", "doctor ", s)
    s = re.sub(r"\bMrs\.? ", lambda m: pick(["mrs ", "missus "]), s)
    s = re.sub(r"\bMr\.? ", lambda m: pick(["mr ", "mister "]), s)
    s = re.sub(r"\bSt\.? ", "saint ", s)
    s = re.sub(r"\$(\d[\d,]*)\.(\d\d)", lambda m: words(int(m[1].replace(",", ""))) + " " + words(int(m[2])), s)
    s = re.sub(r"\$(\d[\d,]*)", lambda m: words(int(m[1].replace(",", ""))) + " dollars", s)
    s = re.sub(r"£(\d[\d,]*)", lambda m: words(int(m[1].replace(",", ""))) + " pounds", s)
    s = re.sub(r"(\d),(\d\d\d)\b", r"\1\2", s)
    s = re.sub(r"(\d+)/(\d+)", lambda m: words(int(m[1])) + " over " + words(int(m[2])), s)
    s = re.sub(r"(\d+)\.(\d+)", lambda m: words(int(m[1])) + " point " + " ".join(ONES[int(d)] for d in m[2]), s)
    s = re.sub(r"(\d+)(st|nd|rd|th)\b", lambda m: ordinal(int(m[1])), s)
    s = re.sub(r"(\d+)(?=[A-Za-z])", r"\1 ", s)
    s = re.sub(r"(?<=[A-Za-z])(\d+)", r" \1", s)
    s = re.sub(r"\b(911|988)\b", lambda m: " ".join(ONES[int(d)] for d in m[0]), s)
    s = re.sub(r"\d+", lambda m: words(int(m[0])), s)
    s = s.replace("%", " percent").replace("&", " and ").replace("@", " at ")
    s = plain(s).lower()
    s = re.sub(r"[^a-z0-9' ]+", " ", s)
    return re.sub(r" +", " ", s)


# --------------------------------------------------------------------------------------------------- slot values
# A value is a list of pieces (text, label or None, optional), already in the form of the style.

def req(text, label):
    return [(text, label, False)]


def opt(text, label):
    return [(text, label, True)]


def name_form(s, style):
    if style == "asr_raw":
        s = plain(s).lower().replace("-", " ")
        return s if chance(0.6) else s.replace("'", "")
    if style == "asr":
        s = plain(s)
        return s.replace("-", " ") if chance(0.5) else s
    return s


def spell_form(name, style):
    if style == "asr_raw":
        letters = name if chance(0.3) else re.sub(r"[^A-Za-z]", "", name)
        return say_letters(plain(letters))
    n = re.sub(r"[^A-Za-z]", "", plain(name)).upper()
    if style == "written":
        return pick(["-", "-", " ", "."]).join(n)
    how = R.randrange(7)
    if how in (0, 1, 2):
        return "-".join(n)
    if how == 3:
        return " ".join(n)
    if how == 4:
        return ". ".join(n) + "."
    if how == 5:
        return ", ".join(n)
    out = []
    for c in n:
        out.append(as_in(c, style) if chance(0.45) else c)
    return ", ".join(out)


# where a recogniser hears two words in a mailbox: a known name or word and the rest of it
COMPOUND = re.compile("^(the|blue|golden|lake|big|sun|mr|tiger|coffee|music|old|fisher|crafty|red|"
                      + "|".join(sorted({re.sub("[^a-z]", "", n.lower()) for n in GIVEN_F + GIVEN_M + GIVEN_F_WORD + GIVEN_M_WORD if len(n) > 2},
                                        key=lambda n: (-len(n), n))) + ")([a-z]{3,})$")


class Slots:
    """The values of one case: {kind@k} gives the same value each time."""

    def __init__(self, style):
        self.style = style
        self.memo = {}

    def person(self, key, sex=None):
        if key not in self.memo or key is None:
            sex = sex or pick("fm")
            # one name in seven is also an English word
            given = pick((GIVEN_F_WORD if sex == "f" else GIVEN_M_WORD) if chance(0.15) else (GIVEN_F if sex == "f" else GIVEN_M))
            fam = pick(FAMILY_WORD if chance(0.15) else FAMILY)
            if key is None:
                return given, fam
            self.memo[key] = (given, fam)
        return self.memo[key]

    def get(self, kind, arg, key):
        st = self.style
        if kind in ("full", "first", "f", "m", "last", "spell", "spellf", "initial", "letter", "ofirst"):
            sex = arg if kind == "full" else kind if kind in "fm" else None
            given, fam = self.person("p" + key if key else None, sex)
            if kind == "full":
                return req(name_form(given + " " + fam, st), "NAME")
            if kind in ("first", "f", "m"):
                return req(name_form(given, st), "NAME")
            if kind == "last":
                return req(name_form(fam, st), "NAME")
            if kind == "spell":
                return req(spell_form(fam, st), "NAME")
            if kind == "spellf":
                return req(spell_form(given, st), "NAME")
            if kind == "initial":
                c = pick("ABCDEFGHJKLMNPRSTW")
                return req(c.lower() if st == "asr_raw" else c + ("." if chance(0.4) else ""), "NAME")
            if kind == "letter":
                c = given[0]
                return opt(c.lower() if st == "asr_raw" else c, "NAME")
            return opt(name_form(given, st), "NAME")
        memo = (kind, arg, key)
        if key and memo in self.memo:
            raw = self.memo[memo]
        else:
            make = getattr(self, "make_" + kind)
            used = [v for k, v in self.memo.items() if k[:2] == (kind, arg)]
            raw = make(arg)
            for _ in range(20):
                if raw not in used:
                    break
                raw = make(arg)
            if not key:
                key, memo = "-", (kind, arg, f"-{len(self.memo)}")
            self.memo[memo] = raw
        return getattr(self, "show_" + kind)(raw)

    # -- dates
    def make_dob(self, _):
        return datetime.date(1934, 1, 1) + datetime.timedelta(days=R.randrange(90 * 365))

    def show_dob(self, d):
        st, mon, y = self.style, MONTHS[d.month - 1], d.year
        the = []
        if st == "written":
            t = pick([f"{d.month:02}/{d.day:02}/{y}", f"{d.month}/{d.day}/{y % 100:02}", f"{mon} {d.day}, {y}",
                      f"{d.day} {mon} {y}", f"{d.isoformat()}", f"{d.day}{suffix(d.day)} {mon} {y}",
                      f"{mon[:3]} {d.day} {y}", f"{d.day:02}.{d.month:02}.{y}", f"{mon} {d.day}{suffix(d.day)}, {y}"])
        elif st == "asr":
            t = pick([f"{d.month}/{d.day}/{y % 100:02}", f"{d.month}/{d.day}/{y}", f"{mon} {d.day}{suffix(d.day)}, {y}",
                      f"{mon} {d.day}{suffix(d.day)} {y}", f"{mon} {d.day}, {y}", f"{d.month:02} {d.day:02} {y}",
                      f"the {d.day}{suffix(d.day)} of {mon}, {y}", f"the {d.day}{suffix(d.day)} of {mon} {y % 100:02}",
                      f"{d.day}{suffix(d.day)} of the {d.month}{suffix(d.month)}, {y % 100:02}",
                      f"{d.month}, {d.day}, {y % 100:02}", f"{d.month}-{d.day}-{y % 100:02}", f"{d.day} {mon} {y}",
                      f"{mon} the {d.day}{suffix(d.day)}, {y}"])
        else:
            m, o, yy = mon.lower(), ordinal(d.day), year_words(y, chance(0.35))
            two = lambda n: ("oh " + ONES[n] if n < 10 and chance(0.6) else ("zero " + ONES[n] if n < 10 and chance(0.2) else below100(n)))
            t = pick([f"{m} {o} {yy}", f"{m} {o} {yy}", f"the {o} of {m} {yy}", f"the {o} of {m} {yy}",
                      f"{two(d.month)} {two(d.day)} {yy}", f"{two(d.month)} {two(d.day)} {year_words(y, True)}",
                      f"{below100(d.month)} slash {below100(d.day)} slash {yy}", f"{m} the {o} {yy}",
                      f"the {o} of the {ordinal(d.month)} {yy}", f"{o} {m} {yy}", f"{m} {below100(d.day)} {yy}"])
        if t.startswith("the "):
            the, t = [("the", "DATE", True), (" ", None, True)], t[4:]
        return the + req(t, "DATE")

    def make_fd(self, _):
        return datetime.date(2004, 1, 1) + datetime.timedelta(days=R.randrange(20 * 365))

    show_fd = show_dob

    def make_date(self, _):
        before = [v for k, v in self.memo.items() if k[0] == "date"]
        if before:
            return before[-1] + datetime.timedelta(days=R.randrange(1, 24))
        return datetime.date(2023, 1, 1) + datetime.timedelta(days=R.randrange(365))

    def show_date(self, d):
        st, mon = self.style, MONTHS[d.month - 1]
        if st == "written":
            t = pick([f"{mon} {d.day}", f"{mon} {d.day}{suffix(d.day)}", f"{d.day} {mon}", f"{d.month}/{d.day}",
                      f"the {d.day}{suffix(d.day)} of {mon}", f"{mon[:3]} {d.day}"])
        elif st == "asr":
            t = pick([f"{mon} {d.day}{suffix(d.day)}", f"{mon} {d.day}{suffix(d.day)}", f"the {d.day}{suffix(d.day)} of {mon}",
                      f"{mon} {d.day}", f"{mon} the {d.day}{suffix(d.day)}", f"{d.month}/{d.day}", f"{d.day} {mon}"])
        else:
            m, o = mon.lower(), ordinal(d.day)
            t = pick([f"{m} {o}", f"{m} {o}", f"the {o} of {m}", f"{m} the {o}", f"{m} {below100(d.day)}", f"{o} of {m}",
                      f"the {o} {m}"])
        the = []
        if t.startswith("the "):
            the, t = [("the", "DATE", True), (" ", None, True)], t[4:]
        return the + req(t, "DATE")

    def make_day(self, _):
        return R.randrange(1, 32)

    def show_day(self, n):
        t = ordinal(n) if self.style == "asr_raw" else f"{n}{suffix(n)}"
        return [("the", "DATE", True), (" ", None, True)] + req(t, "DATE")

    make_n31 = make_day

    def show_n31(self, n):
        return [(ordinal(n) if self.style == "asr_raw" else f"{n}{suffix(n)}", None, False)]

    def make_month(self, _):
        return pick(MONTHS)

    def show_month(self, m):
        return [(m.lower() if self.style == "asr_raw" else m, None, False)]

    def make_my(self, _):
        return pick(MONTHS), R.randrange(2008, 2025)

    def show_my(self, my):
        m, y = my
        if self.style == "asr_raw":
            return req(m.lower() + pick([" ", " of "]) + year_words(y), "DATE")
        return req(f"{m}{pick([' ', ' of '])}{y}", "DATE")

    def make_mmyy(self, _):
        return R.randrange(1, 13), R.randrange(26, 32)

    def show_mmyy(self, v):
        m, y = v
        if self.style == "asr_raw":
            return [(pick([f"oh {ONES[m]}" if m < 10 else below100(m), MONTHS[m - 1].lower()]) + " " + pick([below100(y), "twenty " + below100(y)]), None, False)]
        if self.style == "asr":
            return [(pick([f"{m:02}/{y}", f"{m:02} {y}", f"{m}/{y}", f"{MONTHS[m - 1]} 20{y}"]), None, False)]
        return [(pick([f"{m:02}/{y}", f"{m:02}/20{y}"]), None, False)]

    # -- numbers of people and things
    def chunks(self, groups, label, sep_written="-"):
        """Groups of digits in the form of the style."""
        st = self.style
        if st == "asr_raw":
            parts = [say_digits(g) for g in groups]
            t = pick([" ", " ", " ", " ", " dash ", " uh "]).join(parts) if len(parts) > 1 else parts[0]
        elif st == "written":
            t = sep_written.join(groups)
        else:
            how = R.randrange(7)
            if how == 0 or len("".join(groups)) <= 4 and how < 4:
                t = "-".join(groups)
            elif how == 1:
                t = " ".join(groups)
            elif how == 2:
                t = ", ".join([" ".join(groups[0])] + groups[1:])
            elif how == 3:
                t = "".join(groups)
            elif how == 4:
                t = ", ".join(" ".join(g) for g in groups)
            elif how == 5:
                t = "-".join("".join(groups))
            else:
                t = " ".join(g if len(g) != 4 or chance(0.5) else g[:2] + " " + g[2:] for g in groups)
        return req(t, label)

    def make_phone(self, _):
        d = lambda n: "".join(pick("0123456789") for _ in range(n))
        kind = R.randrange(12)
        area = pick("512 216 907 504 313 406 602 718 913 337 605 229 801 919 773 956 417 207 808 859".split())
        if kind < 7:
            return [area, pick(["555", pick("23456789") + d(2)]), d(4)]
        if kind == 7:
            return [pick(["555", pick("23456789") + d(2)]), d(4)]
        if kind == 8:
            return ["07" + pick("4789") + d(2), d(3), d(3)]
        if kind == 9:
            return pick([["0161", d(3), d(4)], ["020", "7" + d(3), d(4)], ["01" + d(3), d(6)], ["0113", d(3), d(4)]])
        if kind == 10:
            return pick([["800", d(3), d(4)], ["1", area, d(3), d(4)], ["1", "888", d(3), d(4)]])
        return ["+" + pick("44 234 63 353 91 48 52 509".split()), d(2), d(3), d(4)]

    def show_phone(self, g):
        g = list(g)
        st = self.style
        if g[0].startswith("+"):
            if st == "asr_raw":
                return req("plus " + " ".join(say_digits(x.strip("+")) for x in g), "PHONE")
            return req(" ".join(g), "PHONE")
        if st == "written":
            if len(g) == 3 and len(g[0]) == 3 and g[0][0] != "0":
                return req(pick(["(%s) %s-%s", "%s-%s-%s", "%s.%s.%s", "%s%s%s", "%s %s %s", "+1 %s %s %s"]) % tuple(g), "PHONE")
            return req((" " if g[0][0] == "0" else "-").join(g), "PHONE")
        if st == "asr" and g[0][0] == "0" and chance(0.25):
            out = " ".join("".join(g))
            return req(re.sub(r"(\d) \1\b", r"double \1", out), "PHONE")
        return self.chunks(g, "PHONE")

    def make_ph4(self, _):
        return "".join(pick("0123456789") for _ in range(4))

    def four(self, s, label):
        st = self.style
        if st == "asr_raw":
            return req(say_digits(s), label)
        return req(s if st == "written" else pick([s, " ".join(s), s[:2] + " " + s[2:], "-".join(s), ", ".join(s)]), label)

    def show_ph4(self, s):
        return self.four(s, "PHONE")

    def make_ext(self, _):
        return str(R.randrange(11, 9000))

    def show_ext(self, s):
        return req(say_digits(s) if self.style == "asr_raw" else s, "PHONE")

    def make_otp4(self, _):
        return self.make_ph4(_) if chance(0.7) else "#" + self.make_ph4(_)

    def show_otp4(self, s):
        if self.style == "asr_raw":
            return [(("pound " if s[0] == "#" else "") + say_digits(s.strip("#")), None, False)]
        return [(s if self.style == "written" else s.replace("#", "pound "), None, False)]

    def make_cvv(self, _):
        return "".join(pick("0123456789") for _ in range(3))

    def show_cvv(self, s):
        return [(say_digits(s) if self.style == "asr_raw" else s if chance(0.5) else " ".join(s), None, False)]

    def make_n5(self, _):
        return "".join(pick("0123456789") for _ in range(5))

    show_n5 = show_cvv

    def make_area(self, _):
        return "".join(pick("23456789") for _ in range(3))

    show_area = show_cvv

    def make_seven(self, _):
        return "".join(pick("23456789") for _ in range(3)), self.make_ph4(_)

    def show_seven(self, g):
        return self.chunks(list(g), "PHONE")

    def make_three(self, _):
        return [self.make_area(_)]

    def show_three(self, g):
        return self.chunks(g, "PHONE")

    def make_box(self, _):
        return self.make_email(_).split("@")[0]

    def show_box(self, s):
        return [(self.handle(s), None, False)]

    def make_n3(self, _):
        return str(R.randrange(2, 999))

    def show_n3(self, s):
        return [(say_digits(s) if self.style == "asr_raw" and chance(0.6) else words(int(s)) if self.style == "asr_raw" else s, None, False)]

    ID_SHAPES = {  # L a letter, D a digit, other signs stand for themselves
        "member": "LLLDDDDDDDDD DDDDDDDDD LDDDDDDDD LLDDDDDDDLDD WDDDD-DDDDD YLDDDDDDDDD DDDDDDDDDDD LLL-DDD-DDDDDD".split(),
        "group": "DDDDD DDDDDDD LLDDDD DD-DDDDD L-DDDD DDDDDDDD DDDLDDD".split(),
        "mrn": "DDDDDDD DDDDDDDD LDDDDDD DDD-DD-DD DD-DD-DD MDDDDDDD DDDDDD LLDDDDDD".split(),
        "claim": "CDDDDDDDDDD DDDDDDDDDDD LL-DDDDDDD CLM-DDDDDD DDDD-DDDDDD WCDDDDDDD DDDLDDDDDD".split(),
        "ssn": ["DDD-DD-DDDD"], "ssn4": ["DDDD"], "nhs": ["DDD DDD DDDD"], "nino": ["LL DD DD DD L"],
        "acct": "DDDDDDDD DDDDDDDDDD DDDDDD DDDD-DDDD DDDDDDDDDDDD LDDDDDDD".split(),
        "bacct": ["DDDDDDDD"], "sort": ["DD-DD-DD"], "rx": "DDDDDDD DDDDDD DDDDDDD-DDD DDDDDD-DDDDD LDDDDDD".split(),
        "card": ["DDDD DDDD DDDD DDDD", "DDDD DDDD DDDD DDDD", "DDDD DDDDDD DDDDD"], "card4": ["DDDD"],
        "ref": "DDDDDD LLDDDD LDDDDDDD DDDD-DD LLL-DDDDD DDDDDDDD REF-DDDDD LLDDDLL".split(),
        "conf": "LLLLLL LDLDLD LLDDDD LDDDDL DLLDLL LLLDDD DDDDDDD".split(),
        "plate": "LLL-DDDD DLLLDDD LLDD LLL DDD-LLL LLL DDDD LDD-DDL LLLDD".split() + ["LLDD LLL", "LLDD LLL"],
        "dl": "LDDDDDDD DDDDDDDD LDDD-DDDD-DDDD LDDDDDDDDDDDD RNDDDDDD LLDDDDDD DDDDDDD".split(),
        "serial": "SN-DDDDDD LLDDDDDDDD DDDDDDDDDD LLLDDDDDL DDDD-LL-DDD RVDDDDDL DDLDDDDDD".split(),
        "otp": "DDDDDD DDDDDD DDD-DDD DDDD LDDDDD".split(),
        "policy": "LLL-DDDDDDD DDDDDDDDD HODDDDDDD LLDDDDDDDDL DDDD-DDDD-DD".split(),
        "passport": "DDDDDDDDD LDDDDDDDD LLDDDDDDD".split(), "mbi": ["DLDD-LLD-LLDD"],
        "track": "1ZDDDLDDDDDDDDDD DDDDDDDDDDDD LLDDDDDDDDDUS".split(),
        "emp": "DDDDDD EDDDDD DDDDD LDDDDDDD DDD-DDDD".split(),
    }

    def make_id(self, arg):
        if arg == "login":
            g, f = self.person(None)
            g, f = (re.sub(r"[^a-z]", "", plain(x).lower()) for x in (g, f))
            return "login", pick([f"{g[0]}{f}{R.randrange(1, 99)}", f"{g}_{f}", f"{pick(MAIL_WORDS)}{R.randrange(10, 2000)}", f"{g}.{f[0]}{R.randrange(50, 99)}"])
        shape = pick(self.ID_SHAPES[arg])
        return arg, "".join(pick("ABCDEFGHJKLMNPRSTUVWXYZ") if c == "L" else pick("0123456789") if c == "D" else c for c in shape)

    def show_id(self, v):
        kind, s = v
        st = self.style
        if kind == "login":
            return req(self.handle(s), "ID")
        if kind in ("ssn4", "card4"):
            return self.four(s, "ID")
        groups = re.split(r"[- ]", s)
        if s.replace(" ", "").replace("-", "").isdigit() and len(groups) > 1:
            return self.chunks(groups, "ID", pick(["-", "-", " "]) if kind != "card" else pick([" ", "-", ""]))
        if st == "written":
            return req(s if chance(0.8) else s.lower(), "ID")
        if st == "asr_raw":
            out = []
            for g in groups:
                part = [say_digits(x) if x.isdigit() else (say_letters(x)) for x in re.findall(r"\d+|[A-Z]+", g)]
                out.append(" ".join(part))
            return req((pick([" ", " dash "]) if "-" in s else " ").join(out), "ID")
        how = R.randrange(8)
        flat = s.replace("-", "").replace(" ", "")
        if how <= 2:
            t = s
        elif how == 3:
            t = " ".join(flat)
        elif how == 4:
            t = "-".join(flat)
        elif how == 5:
            t = " ".join(re.findall(r"[A-Z]+|\d{1,3}", flat))
        elif how == 6:
            t = " ".join(as_in(x, st) if x.isalpha() and len(x) == 1 and chance(0.6) else "-".join(x) if x.isalpha() else x
                         for x in re.findall(r"[A-Z]|\d+", flat))
        else:
            t = ", ".join(" ".join(flat[i:i + 3]) for i in range(0, len(flat), 3))
        return req(t, "ID")

    # -- places
    def make_addr(self, _):
        return str(R.choice([R.randrange(2, 99), R.randrange(100, 999), R.randrange(1000, 9999), R.randrange(10000, 29999)])), \
            pick(STREETS) + " " + pick(STREET_KIND), pick(["", "", "", "", "A", "B"])

    def house(self, n, sfx):
        if self.style != "asr_raw":
            return n + sfx
        if len(n) == 4:
            t = (words(int(n)) if n.endswith("00") else below100(int(n[:2])) + " " + (below100(int(n[2:])) if n[2] != "0" else "oh " + ONES[int(n[3])]))
        elif len(n) == 5:
            t = say_digits(n)
        else:
            t = words(int(n))
        return t + (" " + sfx.lower() if sfx else "")

    def street_form(self, s):
        if self.style == "asr_raw":
            return fold_raw(s).strip()
        if self.style == "written" and chance(0.4):
            for long, short in (("Street", "St"), ("Avenue", "Ave"), ("Road", "Rd"), ("Drive", "Dr"), ("Boulevard", "Blvd"), ("Lane", "Ln")):
                if s.endswith(long):
                    return s[:-len(long)] + short
        return s

    def show_addr(self, v):
        n, s, x = v
        return req(self.house(n, x) + " " + self.street_form(s), "ADDRESS")

    def make_street(self, _):
        return pick(STREETS) + " " + pick(STREET_KIND)

    def show_street(self, s):
        return req(self.street_form(s), "ADDRESS")

    def make_spellstreet(self, _):
        return pick([s for s in STREETS if " " not in s and "-" not in s and len(s) > 6])

    def show_spellstreet(self, s):
        return req(spell_form(s, self.style), "ADDRESS")

    def make_full_addr(self, _):
        return self.make_addr(_), pick(TOWNS[:75]), pick(STATES), self.make_zip(_)

    def show_full_addr(self, v):
        sep = (" " if self.style == "asr_raw" else ", ", None, False)
        return self.show_addr(v[0]) + [sep] + self.show_city(v[1]) + [sep] + self.show_state(v[2]) + [(" ", None, False)] + self.show_zip(v[3])

    def make_city(self, _):
        return pick(TOWNS)

    def show_city(self, s):
        return req(fold_raw(s).strip() if self.style == "asr_raw" else s, "ADDRESS")

    def make_county(self, _):
        return pick(COUNTIES)

    show_county = show_city

    def make_unit(self, _):
        return pick(["%d" % R.randrange(2, 30), "%d%s" % (R.randrange(1, 15), pick("ABCDEF")), "%d" % R.randrange(101, 999), pick("ABCDEFG")])

    def show_unit(self, s):
        if self.style == "asr_raw":
            m = re.match(r"(\d*)([A-Z]?)", s)
            return req(" ".join(x for x in ((self.house(m[1], "") if m[1] else ""), m[2].lower()) if x), "ADDRESS")
        return req(s, "ADDRESS")

    def make_unit3(self, _):
        return str(R.randrange(11, 9999))

    def show_unit3(self, s):
        return req(say_digits(s) if self.style == "asr_raw" else s, "ADDRESS")

    def make_zip(self, _):
        k = R.randrange(10)
        d = lambda n: "".join(pick("0123456789") for _ in range(n))
        if k < 7:
            return d(5)
        if k < 9:
            return pick("M L LS B S CF EH SW N BT NG SA".split()) + str(R.randrange(1, 30)) + " " + d(1) + pick("ABDEFGHJLNPQRSTUWXYZ") + pick("ABDEFGHJLNPQRSTUWXYZ")
        return pick("KLMNTV") + d(1) + pick("ABCEGHJKLM") + " " + d(1) + pick("ABCEGHJKLM") + d(1)

    def show_zip(self, s):
        st = self.style
        if st == "asr_raw":
            if s.isdigit():
                return req(say_digits(s) if chance(0.7) else say_digits(s[:3], False) + " " + say_digits(s[3:]), "ADDRESS")
            return req(" ".join(say_digits(x) if x.isdigit() else say_letters(x, rich=0.3) for x in re.findall(r"\d+|[A-Z]+", s)), "ADDRESS")
        if st == "asr":
            flat = s.replace(" ", "")
            return req(pick([s, s, " ".join(flat), "-".join(flat), flat, s.lower() if not s.isdigit() else s[:3] + " " + s[3:]]), "ADDRESS")
        return req(s if s.isdigit() or chance(0.8) else s.lower(), "ADDRESS")

    # -- electronic
    def handle(self, s):
        """A mailbox, login or host name in the form of the style."""
        if self.style == "asr_raw" or (self.style == "asr" and chance(0.25)):
            sep = {".": "dot", "_": "underscore", "-": pick(["dash", "hyphen"]), "@": "at", "/": "slash"}
            out = []
            for x in re.findall(r"[A-Za-z]+|\d+|.", s):
                if x.isdigit():
                    out.append((words(int(x)) if len(x) < 3 and x[0] != "0" else say_digits(x)) if self.style == "asr_raw" else x)
                elif x == "www":
                    out.append("w w w")
                elif x in ("uk",):
                    out.append("u k")
                elif len(x) > 6 and x.isalpha() and chance(0.5):
                    out.append(COMPOUND.sub(r"\1 \2", x) if chance(0.75) else " ".join(x))
                elif x.isalpha():
                    out.append(x if len(x) > 1 or chance(0.7) else as_in(x, "asr_raw"))
                else:
                    out.append(sep[x])
            return " ".join(out)
        if self.style == "asr" and chance(0.3):
            return s.replace("@", " at ")
        return s

    def make_email(self, _):
        g, f = self.person(None)
        g, f = (re.sub(r"[^a-z]", "", plain(x).lower()) for x in (g, f))
        box = pick([f"{g}.{f}", f"{g}{f}", f"{g[0]}{f}", f"{g}_{f}", f"{f}{g[0]}", f"{g}{R.randrange(1, 100)}", f"{g[0]}.{f}{R.randrange(1940, 2010)}",
                    f"{pick(MAIL_WORDS)}{R.randrange(1, 999)}", f"{pick(MAIL_WORDS)}.{g}", f"{g}-{f}", f"the{f}s"])
        host = pick(MAIL_HOSTS) if chance(0.8) else pick([f"{f}family.org", "stmarks.k12.us", f"{f}law.com", "county.gov", f"{f}.co.uk"])
        return box + "@" + host

    def show_email(self, s):
        return req(self.handle(s), "EMAIL")

    def make_url(self, _):
        g, f = self.person(None)
        g, f = (re.sub(r"[^a-z]", "", plain(x).lower()) for x in (g, f))
        w = pick(MAIL_WORDS)
        return pick([f"www.{g}{f}.com", f"facebook.com/{g}.{f}", f"{w}with{g}.blogspot.com", f"instagram.com/{w}{R.randrange(2, 99)}",
                     f"{f}pottery.net", f"linkedin.com/in/{g}{f}", f"caringbridge.org/visit/{g}{f}", f"{g}slog.wordpress.com", f"www.{f}farm.org"])

    def show_url(self, s):
        if self.style == "written" and chance(0.2):
            return req("https://" + s, "URL")
        return req(self.handle(s), "URL")

    def make_ip(self, _):
        return ".".join(str(x) for x in pick([[192, 168, R.randrange(256), R.randrange(2, 255)], [10, R.randrange(256), R.randrange(256), R.randrange(2, 255)],
                                             [R.randrange(24, 200), R.randrange(256), R.randrange(256), R.randrange(2, 255)]]))

    def show_ip(self, s):
        if self.style == "asr_raw":
            return req(" dot ".join(say_digits(x) if chance(0.5) else words(int(x)) for x in s.split(".")), "IP")
        if self.style == "asr" and chance(0.3):
            return req(s.replace(".", pick([" dot ", " . ", " "])), "IP")
        return req(s, "IP")

    def make_age90(self, _):
        return pick([90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 104])

    def show_age90(self, n):
        if self.style == "asr_raw":
            return req(words(n).replace("oh ", "and ").replace("hundred one", "hundred and one"), "AGE90")
        return req(str(n) if chance(0.8) else words(n).replace(" ", "-" if n < 100 else " ").replace("one oh ", "a hundred and "), "AGE90")

    def make_emp(self, _):
        return pick(EMPLOYERS)

    def show_emp(self, s):
        return req(fold_raw(s).strip() if self.style == "asr_raw" else s, "ORG_EMPLOYER")

    # -- optional
    def soft(self, s, label):
        return opt(fold_raw(s).strip() if self.style == "asr_raw" else s, label)

    def make_doc(self, _):
        return pick(["Dr. ", "Dr. ", "Dr. ", "Doctor ", "Dr "]) + (pick(FAMILY) if chance(0.85) else pick(FAMILY_WORD))

    def show_doc(self, s):
        return self.soft(s, "NAME")

    def make_nurse(self, _):
        return pick(GIVEN_F + GIVEN_M)

    show_nurse = show_doc

    def make_clinic(self, _):
        return pick(CLINICS)

    def show_clinic(self, s):
        return self.soft(s, "ORG_EMPLOYER")

    def make_pharm(self, _):
        return pick([p for p in PHARM if not p.startswith("the ")])

    show_pharm = show_clinic

    def make_state(self, _):
        return pick(STATES)

    def show_state(self, s):
        return self.soft(s, "ADDRESS")

    def make_country(self, _):
        return pick(COUNTRIES)

    show_country = show_state

    def make_year(self, _):
        return R.randrange(1985, 2025)

    def show_year(self, y):
        return opt(year_words(y) if self.style == "asr_raw" else str(y), "DATE")

    def make_wd(self, _):
        d = pick(WEEKDAYS)
        return pick([d, d, "on " + d, "next " + d, "this " + d, "tomorrow", d + " morning", d + " afternoon"])

    def make_wdn(self, _):
        d = pick(WEEKDAYS)
        return pick([d, d, "next " + d, "this " + d, d + " morning", d + " afternoon"])

    def show_wdn(self, s):
        return self.soft(s, "DATE")

    def make_pwd(self, _):
        d = pick(WEEKDAYS)
        return pick(["on " + d, "last " + d, "on " + d, "yesterday", d + " morning", "last night", "Monday night"])

    def show_pwd(self, s):
        return self.soft(s, "DATE")

    def show_wd(self, s):
        return self.soft(s, "DATE")

    def make_clock(self, _):
        return R.randrange(7, 20), pick([0, 0, 0, 15, 30, 30, 45])

    def show_clock(self, v):
        h, m = v
        h12, half = (h - 1) % 12 + 1, "a" if h < 12 else "p"
        if self.style == "asr_raw":
            base = below100(h12) + ({0: "", 15: " fifteen", 30: " thirty", 45: " forty five"}[m])
            t = pick([base, base + f" {half} m", base + f" {half}m"])
            if m == 30 and chance(0.4):
                t = "half past " + below100(h12)
            elif m == 0 and chance(0.3):
                t = below100(h12) + " o'clock"
            elif m == 15 and chance(0.4):
                t = "quarter past " + below100(h12)
        else:
            base = str(h12) + (f":{m:02}" if m or chance(0.4) else "")
            t = base + pick(["", f" {half}m", f" {half.upper()}M", f" {half}.m", f"{half}m"])
            if ":" not in base and t == base:
                t = f"{h12} o'clock"
        return opt(t, "DATE")

    # -- never PHI: plain text, put through the same path as the frame's own words
    def show_plain(self, s):
        return [(s, "PLAIN", False)]

    def make_drug(self, _):
        return pick(DRUGS)

    def make_dose(self, _):
        mg = "mg" if self.style == "written" and chance(0.4) else "milligrams"
        u, sizes = pick([(mg, [2.5, 5, 10, 12.5, 20, 25, 40, 50, 75, 80, 100, 150, 200, 250, 300, 325, 400, 500, 600, 750, 800, 850, 1000])] * 6
                        + [("micrograms", [25, 50, 75, 88, 100, 112, 125, 200]), ("units", [6, 8, 10, 14, 18, 20, 24, 30, 36]), ("mils", [2.5, 5, 10, 15])])
        return f"{pick(sizes)} {u}"

    def make_eponym(self, _):
        return pick(EPONYMS)

    def make_cond(self, _):
        return pick(CONDITIONS)

    def make_sym(self, _):
        return pick(SYMPTOMS)

    def make_body(self, _):
        return pick(BODY)

    def make_dur(self, _):
        n = R.randrange(2, 15)
        return pick([f"{n} days", f"{n} weeks", f"{n} months", "a week", "a few days", "two weeks", "about a month", "six months", f"{R.randrange(2, 9)} years", "three years"])

    def make_price(self, _):
        c = pick(["$", "$", "$", "£"])
        return c + pick([str(R.randrange(5, 99)), f"{R.randrange(5, 300)}.{R.randrange(1, 99):02}" if c == "$" else str(R.randrange(20, 400)), str(R.randrange(100, 900)), f"{R.randrange(1, 9)},{R.randrange(1, 9)}00"])

    def make_age(self, _):
        return str(R.choice([R.randrange(2, 18), R.randrange(18, 60), R.randrange(60, 90)]))

    def make_kid(self, _):
        return str(R.randrange(2, 17))

    def make_adult(self, _):
        return str(R.randrange(24, 90))

    def make_ins(self, _):
        return pick(INSURERS)

    def make_n(self, _):
        return str(R.randrange(2, 13))

    def make_bp(self, _):
        return f"{R.randrange(95, 190)}{pick(['/', ' over '])}{R.randrange(55, 110)}"

    def make_lab(self, _):
        return str(R.randrange(70, 290))

    def make_a1c(self, _):
        return f"{R.randrange(5, 11)}.{R.randrange(10)}"

    def make_hr(self, _):
        return str(R.randrange(48, 130))

    def make_ox(self, _):
        return str(R.randrange(88, 100))

    def make_wt(self, _):
        return str(R.randrange(104, 310))

    def make_temp(self, _):
        return pick([f"{R.randrange(97, 104)}.{R.randrange(1, 10)}", str(R.randrange(98, 105)), f"{R.randrange(36, 40)}.{R.randrange(1, 10)}"])


for _k in "kid adult drug dose eponym cond sym body dur price age ins n bp lab a1c hr ox wt temp".split():
    setattr(Slots, "show_" + _k, Slots.show_plain)

# ------------------------------------------------------------------------------------------------------ rendering

RELATIVE = re.compile(r"\b(today|tonight|tomorrow|yesterday|this (?:morning|afternoon|evening|week|weekend|month)|last (?:night|week|month|year)"
                      r"|next (?:week|month|year)|the weekend|weekends|midnight|noon|christmas|the holidays|saturdays?|sundays?"
                      r"|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?)\b", re.I)
TITLE = re.compile(r"\b(Mr|Mrs|Ms|Miss|Nurse)\.? $")
AGE_TAIL = re.compile(r"^[- ]years?[- ]old\b")
TOKEN = re.compile(r"\[((?:[^\[\]])+)\|([A-Z0-9_]+)(\??)\]|\{([a-z0-9_]+)(?::([a-z0-9]+))?(?:@(\d+))?\}")


def expand(frame, slots):
    """Frame to pieces: literal (label None), required and optional ones."""
    out, pos = [], 0

    def literal(s):
        last = 0
        for m in RELATIVE.finditer(s):
            out.append((s[last:m.start()], "PLAIN", False))
            t = m[0]
            out.append((fold_raw(t).strip() if slots.style == "asr_raw" else t, "DATE", True))
            last = m.end()
        out.append((s[last:], "PLAIN", False))

    for m in TOKEN.finditer(frame):
        literal(frame[pos:m.start()])
        pos = m.end()
        if m[4]:
            out += slots.get(m[4], m[5], m[6])
            continue
        inner = m[1]
        inner = re.sub(r"\{([a-z0-9]+)\}", lambda k: slots.get(k[1], None, None)[0][0], inner)
        out.append((fold_raw(inner).strip() if slots.style == "asr_raw" else inner, m[2], bool(m[3])))
    literal(frame[pos:])
    # titles before a name and "years old" after an age of 90 or more may go or stay
    fixed = []
    for i, (t, lab, o) in enumerate(out):
        if lab == "PLAIN":
            nxt = next((p for p in out[i + 1:] if p[0]), None)
            m = TITLE.search(t) if nxt and nxt[1] == "NAME" else None
            if fixed and fixed[-1][1] == "AGE90" and (a := AGE_TAIL.match(t)):
                if t[0] == " " or slots.style == "asr_raw":
                    fixed.append((" ", None, False))
                    fixed.append((fold_raw(a[0]).strip() if slots.style == "asr_raw" else a[0].strip(), "AGE90", True))
                else:
                    fixed.append((a[0], "AGE90", True))
                t = t[a.end():]
            if m:
                fixed.append((t[:m.start()], "PLAIN", False))
                w = t[m.start():].strip()
                fixed.append((fold_raw(w + " ").strip() if slots.style == "asr_raw" else w, "NAME", True))
                t = " "
        fixed.append((t, lab, o))
    return fixed


FILLERS = ["um", "uh", "er"]


def disfluent(pieces, style):
    """Now and then a filler in the caller's own words."""
    if style == "written" or not chance(0.2):
        return pieces
    places = [i for i, p in enumerate(pieces) if p[1] == "PLAIN" and " " in p[0].strip()]
    if not places:
        return pieces
    i = pick(places)
    t = pieces[i][0]
    gaps = [m.start() for m in re.finditer(r"(?<=[a-z,]) (?=[a-z])", t)]
    if not gaps:
        return pieces
    g = pick(gaps)
    f = pick(FILLERS)
    f = f" {f}, " if style == "asr" and chance(0.5) else f" {f} "
    pieces[i] = (t[:g] + f + t[g + 1:], "PLAIN", False)
    return pieces


def mutate_word(w, may_split=True):
    """A name as a recogniser might print it."""
    how = R.randrange(6)
    if how == 0 and len(w) > 4:
        k = R.randrange(2, len(w) - 2)
        return w[:k] + " " + w[k:]
    if how == 1:
        for a, b in (("ph", "f"), ("th", "t"), ("ck", "k"), ("ie", "y"), ("ei", "i"), ("ou", "oo"), ("ks", "x"), ("sz", "sh"), ("cz", "ch"), ("w", "v"), ("j", "y"), ("y", "ie")):
            if a in w[1:]:
                return w[0] + w[1:].replace(a, b, 1)
    if how == 2:
        m = re.search(r"([a-z])\1", w)
        if m:
            return w[:m.start()] + w[m.start() + 1:]
    if how == 3:
        v = [i for i, c in enumerate(w) if c in "aeiou" and i]
        if v:
            i = pick(v)
            return w[:i] + pick([c for c in "aeiou" if c != w[i]]) + w[i + 1:]
    if how == 4 and len(w) > 3:
        return w + pick(["s", "e", "h", "y"])
    if len(w) > 5:
        return w[:-1]
    return w + w[-1]


def mishear(piece, style):
    """One recogniser error inside a value; returns the piece, changed or not."""
    t, lab, o = piece
    toks = t.split(" ")
    if lab in ("NAME", "ORG_EMPLOYER") and not (len(toks) > 2 and all(len(x) < 3 for x in toks)) and not re.search(r"^\w[-.,]", t):
        i = R.randrange(len(toks))
        bare = toks[i].strip(",.")
        low = {k.lower(): v for k, v in MISHEARD.items()}
        if bare.lower() in low and chance(0.8):
            new = low[bare.lower()]
        elif len(bare) > 3:
            new = mutate_word(bare, lab == "NAME")
        else:
            return piece
        toks[i] = toks[i].replace(bare, new)
        t2 = " ".join(toks)
    else:
        ids = [i for i, x in enumerate(toks) if x.strip(",.").lower() in HOMOPHONE]
        if ids and chance(0.8):
            for i in R.sample(ids, min(len(ids), pick([1, 1, 1, 2]))):
                b = toks[i].strip(",.")
                toks[i] = toks[i].replace(b, pick(HOMOPHONE[b.lower()].split() if b.lower() not in ("w", "avenue") else [HOMOPHONE[b.lower()]]))
            t2 = " ".join(toks)
        elif len(toks) > 3 and chance(0.5):
            i = R.randrange(1, len(toks) - 1)
            if chance(0.5):
                del toks[i]
            else:
                toks.insert(i, toks[i].strip(",."))
            t2 = " ".join(toks)
        elif lab == "ADDRESS" and len(toks) and any(len(x) > 4 and x.isalpha() for x in toks):
            i = pick([i for i, x in enumerate(toks) if len(x) > 4 and x.isalpha()])
            toks[i] = mutate_word(toks[i])
            t2 = " ".join(toks)
        elif lab in ("PHONE", "ID") and re.search(r"\d{4}", t):
            m = pick(list(re.finditer(r"\d{4}", t)))
            k = m.start() + 2
            t2 = t[:k] + pick([" ", ", ", "-"]) + t[k:]
        elif lab == "EMAIL" and "@" in t:
            t2 = t.replace("@", pick([" at ", " @ ", "at "]))
        else:
            return piece
    t2 = t2.strip()
    return (t2.lower() if style == "asr_raw" else t2, lab, o)


def break_literal(pieces, style):
    """A recogniser error in the caller's own words."""
    cand = [i for i, p in enumerate(pieces) if p[1] == "PLAIN" and len(p[0].split()) >= 2]
    R.shuffle(cand)
    for i in cand:
        parts = re.split(r"( )", pieces[i][0])
        idx = [j for j, w in enumerate(parts) if w.strip(",.?!").isalpha()]
        if not idx:
            continue
        hom = [j for j in idx if parts[j].strip(",.?!").lower() in LIT_HOMOPHONE]
        how = R.randrange(3)
        if how == 0 and hom:
            j = pick(hom)
            b = parts[j].strip(",.?!")
            parts[j] = parts[j].replace(b, LIT_HOMOPHONE[b.lower()])
        elif how == 1:
            j = pick(idx)
            parts[j] = parts[j].strip(",.?!") + " " + parts[j].lower() if not parts[j].startswith("I") else parts[j] + " " + parts[j]
        else:
            small = [j for j in idx if parts[j].lower() in ("is", "the", "a", "to", "my", "at", "it", "on", "of", "and", "for", "in", "that")]
            if not small:
                continue
            parts[pick(small)] = ""
        new = "".join(parts)
        if new != pieces[i][0]:
            pieces[i] = (new, "PLAIN", False)
            return True
    return False


def assemble(pieces, style, low, nopunct):
    """Pieces to text and spans."""
    text, spans = "", []
    for t, lab, o in pieces:
        if lab in ("PLAIN", None):
            if style == "asr_raw":
                lead, trail = t[:1] == " ", t[-1:] == " "
                t = fold_raw(t) if lab == "PLAIN" else t
                if not t.strip():
                    t = " " if t or lead or trail else ""
            elif nopunct:
                t = re.sub(r"[,;:?!]|\.(?!\d)", "", t).replace(" - ", " ")
            if low:
                t = t.lower()
            if (not text or text.endswith(" ")) and t.startswith(" "):
                t = t.lstrip()
            text += re.sub(r" +", " ", t)
        else:
            t = re.sub(r" +", " ", t).strip()
            if nopunct and lab != "EMAIL":
                t = re.sub(r",|\.(?= |$)", "", t)
            if low:
                t = t.lower()
            if not t:
                continue
            a = len(text)
            text += t
            if spans and not o and lab == spans[-1]["label"] == "NAME" and "optional" not in spans[-1] and text[spans[-1]["end"]:a] == " ":
                spans[-1]["end"] = len(text)  # "first", " ", "last": one name
                continue
            span = {"start": a, "end": len(text), "label": lab}
            if o:
                span["optional"] = True
            spans.append(span)
    text = text.rstrip()
    return text, spans


def units(s):
    return s.replace("milligrams", "mg") if chance(0.5) else s


def capital(pieces):
    """A sentence begins with a capital, also where a slot opens it."""
    out, start = [], True
    for t, lab, o in pieces:
        if t and start and lab in ("PLAIN", "DATE") and t[0].islower():
            t = t[0].upper() + t[1:]
        if lab == "PLAIN":
            t = re.sub(r"([.?!] )([a-z])", lambda m: m[1] + m[2].upper(), t)
        if t.strip():
            start = bool(re.search(r"[.?!]\s*$", t)) and lab == "PLAIN"
        out.append((t, lab, o))
    return out


def render(frame, style):
    prev_f, text_f = frame.split(" || ") if " || " in frame else ("", frame)
    if text_f.startswith("! "):
        text_f = text_f[2:]
    elif not prev_f and len(text_f) > 24:  # a rambling turn
        if chance(0.16):
            text_f = pick(OPENERS) + " " + text_f
        if chance(0.14) and text_f[-1] in ".?!":
            text_f += " " + pick(CLOSERS)
    slots = Slots(style)
    prev_p = expand(prev_f, slots)
    pieces = expand(text_f, slots)
    if style == "written":
        pieces = [(units(t), lab, o) if lab == "PLAIN" else (t, lab, o) for t, lab, o in pieces]
    if style != "asr_raw":
        pieces, prev_p = capital(pieces), capital(prev_p)
    pieces = disfluent(pieces, style)
    low = style == "asr_raw" or chance({"written": 0.12, "asr": 0.22}[style])
    nopunct = style == "asr_raw" or (style == "asr" and (low and chance(0.8) or chance(0.06)))
    broken = False
    if style != "written" and chance(ERROR_SHARE):
        want_value = chance(0.7)
        idx = [i for i, p in enumerate(pieces) if p[1] not in ("PLAIN", None) and not p[2]]
        for _ in range(4):
            if want_value and idx:
                i = pick(idx)
                new = mishear(pieces[i], style)
                if new[0] and new != pieces[i]:
                    pieces[i] = new
                    broken = True
                    break
            elif break_literal(pieces, style):
                broken = True
                break
            else:
                want_value = True
    prev, _ = assemble(prev_p, style, style == "asr_raw" or low and style == "asr", style == "asr_raw" or nopunct)
    text, spans = assemble(pieces, style, low, nopunct)
    return prev, text, spans, broken


# ------------------------------------------------------------------------------------------------------- the set

RARE = re.compile(r"\{(email|url|ip|phone|zip|age90|box|area|seven|three|spell|spellf|spellstreet|id:\w+)[@}]")


def lines(block):
    return [s for s in block.strip().split("\n") if s.strip()]


def check(case):
    text, last = case["text"], 0
    assert text and text == text.strip() and "  " not in text, case
    assert not re.search(r"[{}\[\]|]", text + case["prev"]), case
    for s in case["spans"]:
        a, b = s["start"], s["end"]
        assert 0 <= a < b <= len(text) and a >= last, case
        part = text[a:b]
        assert part == part.strip() and any(c.isalnum() for c in part), case
        # a span ends where a token ends, but for "'s" and "93-year-old"
        assert not (a and text[a - 1].isalnum() and text[a].isalnum()), case
        assert not (b < len(text) and text[b].isalnum() and text[b - 1].isalnum()), case
        last = b
    if case["style"] == "asr_raw":
        assert re.fullmatch(r"[a-z' ]+", text), case


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "unseen.jsonl")
    phi, clean, hard = lines(PHI), lines(CLEAN) + lines(NON_ANSWER), lines(HARD)
    cases, seen, broken = [], set(), 0
    for style in ("written", "asr", "asr_raw"):
        for group, want in ((phi, PER_STYLE_PHI), (hard, PER_STYLE_HARD), (clean, PER_STYLE - PER_STYLE_PHI - PER_STYLE_HARD)):
            order, done = [], 0
            while done < want:
                if not order:
                    order = list(group)
                    R.shuffle(order)
                    order.sort(key=lambda f: bool(RARE.search(f)))  # the rarer kinds are taken in any case
                prev, text, spans, bad = render(order.pop(), style)
                has = any("optional" not in s for s in spans)
                if has != (group is phi) or (prev, text) in seen:
                    continue
                seen.add((prev, text))
                broken += bad
                cases.append({"prev": prev, "text": text, "spans": spans, "style": style, "source": "unseen"})
                done += 1
    R.shuffle(cases)
    with open(out, "w", encoding="utf-8") as f:
        for i, c in enumerate(cases):
            c = {"id": f"unseen-{i:04}", **c}
            check(c)
            f.write(json.dumps(c, ensure_ascii=False, separators=(",", ":")) + "\n")
    counts = {}
    for c in cases:
        for s in c["spans"]:
            k = (s["label"], "optional" if "optional" in s else "required")
            counts[k] = counts.get(k, 0) + 1
    print(f"{len(cases)} cases, {len(phi) + len(clean) + len(hard)} frames, {broken} with a recogniser error, {os.path.getsize(out)} bytes")
    for style in ("written", "asr", "asr_raw"):
        mine = [c for c in cases if c["style"] == style]
        n = sum(any("optional" not in s for s in c["spans"]) for c in mine)
        none = sum(not c["spans"] for c in mine)
        print(f"  {style}: {len(mine)}, {n} with required PHI, {len(mine) - n - none} optional only, {none} without spans")
    for k in sorted(counts):
        print(f"  {k[0]} {k[1]}: {counts[k]}")


if __name__ == "__main__":
    main()
