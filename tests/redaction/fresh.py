#!/usr/bin/env python3
"""Independent redaction cases: own sentence frames, own value lists, fixed seed. Writes fresh.jsonl beside itself.

usage: fresh.py [--check]     --check verifies the written file instead of writing it
Everything here is invented; persons, numbers and addresses are random combinations. Python standard library only.
"""
import collections, json, os, random, re, sys, unicodedata

SEED = 7340212

# ---------------------------------------------------------------- value lists
# given names # family names, by rough origin; most persons draw both from one line
PEOPLE = """
Carol Denise Brenda Walter Gladys Harold Wendell Roxanne Darnell Tanya Curtis Loretta Vernon Marcy Todd Kyle#Haskins Bledsoe Whitmire Crenshaw Pettigrew Lockhart Stubblefield Tolliver Gaines Hargrove Maddox Ogletree Purcell Ragsdale Swofford
Nigel Gemma Alistair Philippa Hamish Fiona Rhys Carys Dilys Gareth Morag Callum Imogen Rupert Maureen Barry#Ainsworth Braithwaite Entwistle Featherstone MacAllister Llewellyn Pritchard Cholmondeley Ramsbottom Oakeshott Sutcliffe Tattersall Urquhart Dalgleish
Siobhan Niamh Aoife Cormac Padraig Eoin Saoirse Declan Grainne Oisin Caoimhe Fintan#O'Shaughnessy Gallagher McGillicuddy Ni Bhriain Hanrahan Mulcahy O'Dowd Fitzgibbon Keogh Tierney
Guadalupe Xiomara Efrain Yesenia Rigoberto Maribel Heriberto Consuelo Octavio Lourdes Ignacio Araceli#Villanueva Zamarripa Echeverria Quintanilla Escobedo Montemayor Urrutia Olvera Cisneros Barragan Tovar de la Cruz
Thiago Joaquim Graca Vasco Beatriz Luciana Rafaela Anselmo#Figueiredo Magalhaes Teixeira Vasconcelos Carvalho Nogueira dos Santos Brandao
Adaeze Chukwuemeka Ngozi Olumide Folasade Ikechukwu Yetunde Babatunde Chinwe Obinna#Okonkwo Adeyemi Nwachukwu Ogunbanjo Eze Balogun Chukwu Olatunji Ibekwe Akinwande
Kwabena Akosua Yaw Efua Kofi Abena#Owusu Asante Boateng Mensah Agyemang Ofori
Wanjiru Njoroge Achieng Otieno Makena Baraka#Kamau Odhiambo Mwangi Kiprotich Wekesa Omondi
Thandiwe Sipho Nomvula Lindiwe Themba Pieter#Dlamini Mokoena Nkosi van der Merwe Botha Khumalo
Selamawit Dawit Hirut Tewodros Mihret#Gebremariam Tesfaye Woldemichael Haile Bekele
Lakshmi Venkatesh Padmini Raghunath Meenakshi Arjun Sowmya Karthik Deepthi Suresh#Subramaniam Krishnamurthy Venkataraman Iyer Gopalakrishnan Chandrasekhar Rangarajan Pillai Natarajan
Harpreet Gurdeep Manjit Simran Jaswinder Balbir#Dhillon Sandhu Grewal Bains Kaur Gill Sidhu
Hetal Jignesh Bhavna Mitul Parul#Desai Trivedi Bhatt Mehta Panchal
Zubaida Tahir Nasreen Imtiaz Shabana Usman Rukhsana#Qureshi Chaudhry Siddiqui Mahmood Bhutto Rehman Ansari
Sharmin Mahbub Nusrat Anisur#Chowdhury Rahman Talukder Sarkar
Nilanthi Chaminda Sachini Ruwan#Wickramasinghe Jayawardena Gunasekara Perera
Minh Thuy Quoc Linh Phuong Duc Hanh#Nguyen Huynh Truong Pham Vo Dang Lam
Xiaoling Jianguo Meifang Weihong Yuxuan Zhen Qiang Lihua#Zhang Ouyang Xie Cao Feng Liang Hsu Zhou Qiu
Hyun-woo Soo-jin Ji-yeon Dong-hyun Eun-ji Min-ho#Kwon Yoon Bae Noh Jung Hwang Seo
Takeshi Noriko Haruki Sayuri Kenji Yoshiko#Watanabe Kobayashi Fujimoto Shimizu Okada Hayashida
Somchai Ratana Anong Niran#Suwannarat Chaiyaporn Rattanakul
Maricel Rodel Jocelyn Arnel Corazon Dionisio#Magbanua Dimaculangan Bautista Pangilinan Manalastas Catacutan
Putu Siti Bambang Dewi#Wijaya Hartono Suryadi Kusuma
Leilani Kalani Sione Mele Tevita Aroha#Kahananui Tupou Faleolo Tamatea Kealoha
Agnieszka Zbigniew Malgorzata Krzysztof Bozena Jadwiga#Wojciechowski Szczepanski Kowalczyk Brzezinski Przybylski Zielinska
Svetlana Dmitri Oksana Yevgeny Ludmila Taras Halyna#Kuznetsov Shevchenko Bondarenko Volkova Zaitsev Tymoshenko
Miroslav Zdenka Vlastimil Dragana Goran Snezana#Novotny Dvorak Hruska Petrovic Jovanovic Horvat
Ilinca Gheorghe Mihaela Dragos#Ionescu Popescu Dumitrescu Munteanu
Eleftheria Stavros Despina Kostas Panagiotis#Papadopoulos Economou Karagiannis Stathopoulos
Giuseppina Salvatore Concetta Ottavio Rosaria#Esposito Mastroianni Lombardi Bevilacqua Di Stefano
Thibault Genevieve Marcel Odile Jean-Luc Solange#Beauchamp Desrosiers Thibodeaux Boudreaux Lefebvre Charbonneau
Heinrich Gisela Jurgen Waltraud Dieter Lieselotte#Schwarzkopf Baumgartner Oberholtzer Kuhn Zimmermann Stoltzfus
Maarten Femke Joost Saskia#van den Berg de Vries Hoogendoorn Terpstra
Sigrid Bjorn Astrid Torvald Ingeborg Leif#Lindqvist Haugen Thorvaldsen Bergstrom Nygaard
Aino Juhani Pirkko Eero#Virtanen Korhonen Makinen Heikkila
Fatemeh Behrouz Shirin Dariush Parvaneh#Tehrani Farrokhzad Golestani Moradi Hosseini
Khadija Mustafa Layla Bilal Hanan Tariq Samira#Al-Rashid Haddad Mansour Khoury Abdelrahman Bouzid
Aysegul Mehmet Emine Cengiz#Yilmaz Ozturk Karaca Demir
Anahit Vartan Tamar Hovsep#Petrosyan Hakobyan Grigoryan
Shoshana Mordechai Rivka Yitzhak Tovah#Rosenzweig Mandelbaum Abramowitz Feldstein Lifshitz
Jamarcus Shaniqua Deshawn Lakeisha Tyrell Latoya Keyshawn#Broussard Mayfield Dupree Battle Gadson Witherspoon
Nizhoni Dakota Wynona Chayton#Begay Yazzie Tsosie Whitehorse
Marie-Claire Jean-Baptiste Fabiola Wilner Rose-Andree#Etienne Toussaint Desir Pierre-Louis
Amaru Wayra Tupac#Mamani Quispe Condori
Bayarmaa Enkhbat Otgon#Ganbold Batbayar
Sokha Bopha Vanna#Chhim Sovann Keo
""".strip().splitlines()
WORD_FIRST = "Will May Rose Mark Chase Grace Hope Faith Joy Summer Autumn Hunter Grant Frank Bill Rob Pat Sue Dean Art Rich Drew Dawn Ivy Heather Penny Ray Gene Cliff Dale Reed Wade Pierce Miles Robin Sandy Jay Guy Norm April June Olive Pearl Ruby Violet Daisy Gail Star Sky Jean Carol Don Peg Dot Barb".split()
WORD_LAST = "Young Long Short Brown White Black Green King Bishop Cook Baker Price Day Knight Little Love Small Best Strong Bell Bush Field Hill Lake Park Pool Rice Rivers Stone Street Swift Woods West Winter Church Banks Post Call Case Chance Fields March Booker Waters Frost Friend Moody Power Savage Ball".split()
COMMON_FIRST = "Amanda Jessica Brian Kevin Laura Diane Peter Susan Andrew Megan Tyler Ashley Paul Karen Steve Nancy Alex Chloe Ethan Sophie Daniel Emma Luke Hannah Josh Becky Liz Tom Mike Dave Jenny Katie Sam Ben Ruth Alice Eddie Marge Phil Trish".split()
COMMON_LAST = "Miller Davis Wilson Anderson Clarke Turner Wright Hughes Patterson Russell Griffin Foster Simmons Palmer Barker Holmes Murphy Kelly Bryant Walsh Coleman Jenkins".split()
WOMEN = set("""Carol Denise Brenda Gladys Roxanne Tanya Loretta Marcy Gemma Philippa Fiona Carys Imogen Dilys Morag Maureen Siobhan Niamh Aoife Saoirse Grainne Caoimhe Guadalupe Xiomara Yesenia Maribel Consuelo Lourdes Araceli Graca Beatriz Luciana Rafaela Adaeze Ngozi Folasade Yetunde Chinwe Akosua Efua Abena Wanjiru Achieng Makena Thandiwe Nomvula Lindiwe Selamawit Hirut Mihret Lakshmi Padmini Meenakshi Sowmya Deepthi Harpreet Manjit Simran Jaswinder Hetal Bhavna Parul Zubaida Nasreen Shabana Rukhsana Sharmin Nusrat Nilanthi Sachini Thuy Linh Phuong Hanh Xiaoling Meifang Lihua Soo-jin Ji-yeon Eun-ji Noriko Sayuri Yoshiko Ratana Anong Maricel Jocelyn Corazon Siti Dewi Leilani Mele Aroha Agnieszka Malgorzata Bozena Jadwiga Svetlana Oksana Ludmila Halyna Zdenka Dragana Snezana Ilinca Mihaela Eleftheria Despina Giuseppina Concetta Rosaria Genevieve Odile Solange Gisela Waltraud Lieselotte Femke Saskia Sigrid Astrid Ingeborg Aino Pirkko Fatemeh Shirin Parvaneh Khadija Layla Hanan Samira Aysegul Emine Anahit Tamar Shoshana Rivka Tovah Shaniqua Lakeisha Latoya Keyshawn Nizhoni Wynona Marie-Claire Fabiola Rose-Andree Wayra Bayarmaa Otgon Sokha Bopha May Rose Grace Hope Faith Joy Summer Autumn Pat Sue Dawn Ivy Heather Penny Robin Sandy April June Olive Pearl Ruby Violet Daisy Gail Star Jean Dot Barb Peg Amanda Jessica Laura Diane Susan Megan Ashley Karen Nancy Chloe Sophie Emma Hannah Becky Liz Jenny Katie Ruth Alice Marge Trish Ines""".split())
STAFF_LAST = "Bannister Castellano Ekwueme Farhadi Goldblatt Hwang Iqbal Kessler Lindstrom Mukherjee Novak Ostrowski Rosen Sandoval Takahashi Vandermeer Whitlock Yamada Zeller Abbott Pickering Nair".split()
STAFF_FIRST = "Marisol Trent Kendra Paulette Derek Yolanda Gavin Priya Stacy Omar Bethany Lionel".split()

US_CITIES = """Chattanooga;TN Spokane;WA Yakima;WA Duluth;MN Kenosha;WI Eau Claire;WI Fort Wayne;IN Terre Haute;IN Kalamazoo;MI Ypsilanti;MI Scranton;PA Altoona;PA Poughkeepsie;NY Schenectady;NY Utica;NY Worcester;MA Nashua;NH Bangor;ME Pawtucket;RI Waterbury;CT Hoboken;NJ Toms River;NJ Wilmington;DE Hagerstown;MD Roanoke;VA Chesapeake;VA Asheville;NC Fayetteville;NC Greenville;SC Spartanburg;SC Macon;GA Valdosta;GA Tallahassee;FL Pensacola;FL Kissimmee;FL Tuscaloosa;AL Huntsville;AL Biloxi;MS Shreveport;LA Baton Rouge;LA Texarkana;TX Lubbock;TX Amarillo;TX Corpus Christi;TX El Paso;TX Tulsa;OK Broken Arrow;OK Wichita;KS Topeka;KS Council Bluffs;IA Cedar Rapids;IA Sioux Falls;SD Fargo;ND Bozeman;MT Cheyenne;WY Fort Collins;CO Pueblo;CO Las Cruces;NM Flagstaff;AZ Scottsdale;AZ Provo;UT Boise;ID Eugene;OR Medford;OR Redding;CA Fresno;CA Chula Vista;CA Rancho Cucamonga;CA Petaluma;CA Sparks;NV Fairbanks;AK Hilo;HI Paducah;KY Bowling Green;KY Murfreesboro;TN Jonesboro;AR Cape Girardeau;MO Joplin;MO Peoria;IL Naperville;IL Akron;OH Youngstown;OH Chillicothe;OH Parkersburg;WV Burlington;VT Denver;CO Houston;TX Phoenix;AZ Buffalo;NY Mobile;AL Erie;PA Orange;CA Reading;PA Independence;MO Normal;IL Surprise;AZ Enterprise;AL Lima;OH Sandy;UT Plano;TX Troy;MI"""
US_CITIES = [tuple(x.split(";")) for x in re.findall(r"\S[^;]*;[A-Z]{2}", US_CITIES)]
STATE = dict(TN="Tennessee", WA="Washington", MN="Minnesota", WI="Wisconsin", IN="Indiana", MI="Michigan", PA="Pennsylvania", NY="New York", MA="Massachusetts", NH="New Hampshire", ME="Maine", RI="Rhode Island", CT="Connecticut", NJ="New Jersey", DE="Delaware", MD="Maryland", VA="Virginia", NC="North Carolina", SC="South Carolina", GA="Georgia", FL="Florida", AL="Alabama", MS="Mississippi", LA="Louisiana", TX="Texas", OK="Oklahoma", KS="Kansas", IA="Iowa", SD="South Dakota", ND="North Dakota", MT="Montana", WY="Wyoming", CO="Colorado", NM="New Mexico", AZ="Arizona", UT="Utah", ID="Idaho", OR="Oregon", CA="California", NV="Nevada", AK="Alaska", HI="Hawaii", KY="Kentucky", AR="Arkansas", MO="Missouri", IL="Illinois", OH="Ohio", WV="West Virginia", VT="Vermont")
UK_CITIES = "Harrogate;HG Stockport;SK Aberystwyth;SY Swindon;SN Basingstoke;RG Kettering;NN Grimsby;DN Oldham;OL Rotherham;S Wolverhampton;WV Dundee;DD Kilmarnock;KA Inverness;IV Stirling;FK Swansea;SA Wrexham;LL Newry;BT Lisburn;BT Torquay;TQ Truro;TR Ipswich;IP Lowestoft;NR Colchester;CO Maidstone;ME Eastbourne;BN Guildford;GU Slough;SL Luton;LU Bedford;MK Carlisle;CA Whitby;YO Hartlepool;TS Gateshead;NE Burnley;BB Accrington;BB Warrington;WA Shrewsbury;SY Hereford;HR Cheltenham;GL Bath;BA Leicester;LE Walsall;WS Croydon;CR Ilford;IG Tooting;SW Hackney;E Motherwell;ML Paisley;PA Bury;BL Sale;M".split()
UK_CITIES = [tuple(x.split(";")) for x in " ".join(UK_CITIES).split(" ")]
OTHER_CITIES = "Winnipeg Saskatoon Halifax Moncton Geelong Ballarat Toowoomba Dunedin Hamilton Limerick Sligo Galway Lagos Kumasi Mombasa Durban Lahore Chennai Jaipur Dhaka Cebu Davao Osaka Busan Guadalajara Monterrey Medellin Guayaquil Porto Malaga Bologna Lyon Utrecht Gdansk Krakow Brno Timisoara Thessaloniki Izmir Beirut Tehran Tbilisi Odesa Turku Bergen Malmo".split()
US_COUNTIES = "Dane;Ulster;Bexar;Yavapai;Snohomish;Guilford;Lancaster;Cobb;Wayne;Tuolumne;Nueces;Cuyahoga".split(";")
UK_COUNTIES = "Northumberland;Herefordshire;Suffolk;West Sussex;Derbyshire;Fife;Powys;County Down;Lincolnshire;Cumbria".split(";")
US_ST = "Larkspur Tamarack Winding Creek;Old Mill;Juniper;Sycamore;Magnolia;Harding;Quarry;Birchwood;Kingfisher;Cottonwood;Pecan;Dogwood;Meadowlark;Saddleback;Riverbend;Fillmore;Sherman;Lexington;Prospect;Vine;Locust;Hickory;Orchard;Mockingbird;Copper Canyon;Stonegate;Hollow Oak;Buckeye;Cherokee;Delancey;Montrose;Whispering Pines;Rosewood;Grand;Church;Spring;Mill;Chestnut;Eisenhower;Palmetto;Tanglewood;San Pedro;Calle Verde;Kapiolani;Ponce;Wabash;Roosevelt;Aspen Grove;Turkey Run;Beechnut;Elkhorn".replace("Larkspur Tamarack", "Larkspur;Tamarack;").split(";")
US_ST = [x.strip() for x in US_ST]
US_SUF = [("Street", "St"), ("Avenue", "Ave"), ("Road", "Rd"), ("Drive", "Dr"), ("Lane", "Ln"), ("Court", "Ct"), ("Boulevard", "Blvd"), ("Place", "Pl"), ("Circle", "Cir"), ("Way", "Way"), ("Terrace", "Ter"), ("Parkway", "Pkwy"), ("Trail", "Trl")]
UK_ST = "Gasworks Lane;Station Road;Beechcroft Avenue;Priory Gardens;Albert Terrace;Wellington Crescent;Mafeking Road;Hawthorn Close;The Ridings;Church View;Coronation Street;Tannery Row;Bluebell Mews;Sandpiper Drive;St. Anne's Road;Cathedral Walk;Larch Grove;Kirkgate;Dock Hill;Old Forge Lane;Victoria Parade;Ferndale Road;Nelson Street;Chapel Rise;Water Lane;Moorland View;Penny Lane;Glebe Field;Harcourt Road;Cowper Street;Bryn Road;Heol y Parc;Queensferry Road".split(";")
EMPLOYERS = "Halvorsen Freight;Brightwater Logistics;Pike and Sons Roofing;Cobalt Dental Supply;Norwood School District;Meridian Steel;Tri-County Transit;Sunfield Poultry;Harbor Point Marina;Larkin Plumbing;Oakhurst Dairy;Keystone Glass;Redstone Mining;Vantage Call Center;Blue Heron Cafe;Fenwick and Lowe Solicitors;Ashdown Council;Wexler Accounting;Northgate Motors;Pelican Cruise Lines;Summit Ridge Ski Resort;Parkside Nursery;Gallant Security;Quickfix Garage;Polaris Robotics;Amazon;Walmart;Tesco;Boeing;Home Depot;Sainsbury's;FedEx;Toyota;Costco;Royal Mail;General Motors;Starbucks;John Deere;Rolls-Royce;Whole Foods;Kroger;Greggs;Nissan;Delta;Caterpillar;Heathrow;Dunkin;IBM".split(";")
CLINICS = "Lakeshore Family Medicine;Riverside Urgent Care;Maple Grove Pediatrics;St. Brendan's Hospital;Northfield Orthopedics;Bayview Women's Health;the Elmwood surgery;Canyon Cardiology;Eastgate Medical Centre;Harbourside Dental".split(";")
DRUGS = "metformin;lisinopril;atorvastatin;gabapentin;sertraline;amlodipine;levothyroxine;omeprazole;losartan;prednisone;albuterol;montelukast;warfarin;Eliquis;Ozempic;amoxicillin;naproxen;tramadol;Lexapro;duloxetine;hydrochlorothiazide;furosemide;methotrexate;Humira;insulin glargine;Synthroid;pantoprazole;cetirizine;ibuprofen;meloxicam;Zoloft;bupropion;doxycycline;cephalexin;Xarelto;tamsulosin;propranolol;topiramate;ondansetron;famotidine".split(";")
EPONYM = "Parkinson's;Crohn's;Hashimoto's;Alzheimer's;Bell's palsy;Graves' disease;Addison's;Hodgkin's;Raynaud's;Huntington's;Lyme;Meniere's;Tourette's;Cushing's;Barrett's;Marfan;Sjogren's;Dupuytren's;Guillain-Barre;Paget's;Wilson's disease;Down syndrome".split(";")
DISEASE = "asthma;high blood pressure;type 2 diabetes;gout;eczema;migraines;sleep apnea;anemia;arthritis;shingles;kidney stones;sciatica;reflux;psoriasis;a thyroid problem;diverticulitis;tinnitus;vertigo;bronchitis;plantar fasciitis;a hernia;glaucoma".split(";")
INSURERS = "Blue Cross;Aetna;Cigna;Humana;United Healthcare;Kaiser;Medicare;Medicaid;Anthem;Bupa;Tricare;Molina;Ambetter;AXA;Aviva;Oscar".split(";")
SYMPTOM = "a dull headache;sharp pain in my side;tingling in my fingers;a dry cough;night sweats;a rash on both arms;swelling around the ankles;blurry vision;a sore throat;cramps in my calves;heartburn after meals;ringing in my ears;dizzy spells;pain behind the knee;a stuffy nose;chills and a fever;numbness in my left foot;loose stools;shortness of breath on the stairs;a stiff neck;palpitations at night;an itchy scalp;trouble swallowing;no appetite".split(";")
BODY = "knee;shoulder;lower back;left hip;right wrist;elbow;ankle;neck;jaw;big toe;rib cage;thumb;stomach;ear;heel".split(";")
TEST = "A1C;cholesterol;potassium;TSH;creatinine;hemoglobin;ferritin;white count;vitamin D;sodium;blood sugar;platelets;LDL".split(";")
BRAND = "Netflix;Spotify;Toyota;Samsung;Marriott;Hilton;Delta;Uber;PayPal;Visa;Chase;Target;Comcast;Verizon;iPhone;Windows;CVS;Walgreens;Boots;Lyft;Ryanair;Costco".split(";")
FOOD = "the salmon;a vegan option;two kids' meals;the tasting menu;a gluten free pizza;the lamb curry;a birthday cake;the soup of the day;a bottle of house red;sparkling water;the Sunday roast;the seafood platter".split(";")
COUNTRY = "Jamaica;Portugal;Scotland;Mexico;India;Poland;Kenya;Canada;Vietnam;Ireland".split(";")
MAILDOM = "gmail.com;yahoo.com;hotmail.com;outlook.com;icloud.com;aol.com;btinternet.com;comcast.net;proton.me;sky.com;earthlink.net".split(";")
WORKDOM = "larkinplumbing.com;oakhurst.org;fenwicklowe.co.uk;meridiansteel.net;norwoodsd.edu".split(";")
NATO = dict(zip("abcdefghijklmnopqrstuvwxyz", "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu".split()))
ASIN = dict(a="apple andrew alpha", b="boy bravo bob", c="cat charlie", d="dog david delta", e="edward echo egg", f="frank fox freddie", g="george golf", h="henry hotel harry", i="ice igloo india", j="john jack", k="king kite kilo", l="larry lemon london", m="mary mother mike", n="nancy november nora", o="oscar orange", p="peter paul papa", q="queen quebec", r="robert roger", s="sam sugar sierra", t="tom tango", u="umbrella uncle uniform", v="victor", w="william whiskey", x="xray xylophone", y="yellow yankee", z="zebra zulu")
ASIN = {k: v.split() for k, v in ASIN.items()}
# what a recogniser makes of a name
MISHEAR = {"Okonkwo": "a conquer", "Nguyen": "when", "Siobhan": "shavon", "Niamh": "neve", "Aoife": "eva", "Saoirse": "sersha", "Wojciechowski": "voice of hausky", "Kaur": "core", "Xiomara": "see o mara", "Adeyemi": "a day yummy", "Szczepanski": "stepansky", "Krishnamurthy": "krishna murthy", "Subramaniam": "super manium", "Huynh": "win", "Pham": "fam", "Vo": "vow", "Cholmondeley": "chumley", "Llewellyn": "lou ellen", "Urquhart": "irk heart", "Gallagher": "gala her", "Villanueva": "via nueva", "Echeverria": "etch a varia", "Thibodeaux": "tibbadoe", "Boudreaux": "boo drow", "Lefebvre": "le fever", "Papadopoulos": "papa dopolis", "Schwarzkopf": "schwartz cough", "Dhillon": "dylan", "Sandhu": "san do", "Watanabe": "what a nabi", "Kobayashi": "koba yashi", "Oksana": "oxana", "Dmitri": "the metree", "Zbigniew": "big new", "Agnieszka": "agnes ka", "Jadwiga": "yad viga", "Thandiwe": "tandy way", "Dlamini": "the lamini", "Caoimhe": "queeva", "Oisin": "o sheen", "Eoin": "owen", "Grainne": "grown ya", "Padraig": "patrick", "Guadalupe": "guada loopy", "Yesenia": "yes enya", "Ignacio": "ig nasio", "Ngozi": "in go zee", "Chukwuemeka": "chuck we mecca", "Olumide": "olu meday", "Folasade": "follow shardy", "Kamau": "come out", "Mwangi": "wangy", "Owusu": "oh wusu", "Agyemang": "adjman", "Kwabena": "kwa bena", "Qureshi": "koreshi", "Chaudhry": "chow dry", "Imtiaz": "him tea as", "Wickramasinghe": "wickrama singer", "Truong": "trung", "Zhang": "jong", "Xie": "she", "Cao": "cow", "Qiu": "chew", "Hsu": "shoe", "Ouyang": "oh young", "Yoon": "june", "Hwang": "wong", "Dimaculangan": "dima coolongan", "Corazon": "core a son", "Leilani": "lay lonnie", "Kahananui": "kahana newy", "Brzezinski": "brazinsky", "Shevchenko": "chef chenko", "Bondarenko": "bonder anchor", "Svetlana": "sweat lana", "Yevgeny": "you have guinea", "Novotny": "no vote knee", "Ionescu": "yo nesco", "Gheorghe": "gorgay", "Eleftheria": "lefteria", "Esposito": "expose ito", "Concetta": "con cheetah", "Bevilacqua": "bevy laqua", "Beauchamp": "beecham", "Genevieve": "jenna veev", "Stoltzfus": "stolz fuss", "Oberholtzer": "over holster", "Haugen": "how gin", "Khadija": "kadisha", "Khoury": "curry", "Abdelrahman": "abdul rock man", "Aysegul": "i shake ool", "Mandelbaum": "mandel bomb", "Abramowitz": "abram of its", "Shaniqua": "sha neequa", "Broussard": "brew sard", "Begay": "be gay", "Tsosie": "so see", "Toussaint": "two sant", "Etienne": "et yen", "Quispe": "kiss bay", "Mamani": "my money", "O'Shaughnessy": "oh shawn essie", "McGillicuddy": "mcgill a cutty", "Mulcahy": "mall kay", "Keogh": "key oh", "Carys": "carries", "Rhys": "reese", "Dilys": "dillis", "Hamish": "hey mish", "Tolliver": "tell over", "Ogletree": "ogle tree", "Crenshaw": "crown shaw", "Bledsoe": "bled so", "Balogun": "ballet gun", "Desai": "the sigh", "Trivedi": "tree v d", "Bhatt": "but", "Mehta": "meta", "Gurdeep": "good deep", "Harpreet": "heart pre it", "Manjit": "man jeet", "Anong": "a nong", "Heikkila": "hey kila", "Virtanen": "virtue nen", "Lindqvist": "lind quest", "Bergstrom": "berg strum", "Yilmaz": "ill mas", "Petrosyan": "petro sign"}

# ---------------------------------------------------------------- markup
LABELS = ["NAME", "DATE", "PHONE", "ADDRESS", "EMAIL", "ID", "AGE90", "URL", "IP", "ORG_EMPLOYER"]
END = "\ue0ff"
MARK = "\ue000-\ue0ff"


def tag(label, text, opt=False):
    return chr(0xE000 + LABELS.index(label) + (20 if opt else 0)) + text + END


def pick(r, xs):
    return xs[r.randrange(len(xs))]


# ---------------------------------------------------------------- numbers as words
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()
ORD = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth", 10: "tenth", 11: "eleventh", 12: "twelfth", 13: "thirteenth", 14: "fourteenth", 15: "fifteenth", 16: "sixteenth", 17: "seventeenth", 18: "eighteenth", 19: "nineteenth", 20: "twentieth", 30: "thirtieth"}
MONTHS = "January February March April May June July August September October November December".split()


def two(n):
    return ONES[n] if n < 20 else TENS[n // 10] + ("" if n % 10 == 0 else " " + ONES[n % 10])


def words(n, r):
    if n < 100:
        return two(n)
    if n < 1000:
        h, t = divmod(n, 100)
        if t == 0:
            return pick(r, [ONES[h] + " hundred", "a hundred" if h == 1 else ONES[h] + " hundred"])
        if t > 9 and r.random() < .45:
            return ONES[h] + " " + two(t)
        return ONES[h] + " hundred " + ("and " if r.random() < .4 else "") + two(t)
    if n < 1000000:
        if n % 100 == 0 and n < 10000 and n % 1000:
            return two(n // 100) + " hundred"
        k, t = divmod(n, 1000)
        return words(k, r) + " thousand" + ("" if t == 0 else " " + words(t, r))
    return words(n // 1000000, r) + " million" + ("" if n % 1000000 == 0 else " " + words(n % 1000000, r))


def ordinal(n):
    if n not in ORD and n % 10 == 0:
        return TENS[n // 10][:-1] + "ieth"
    return ORD[n] if n in ORD else TENS[n // 10] + " " + ORD[n % 10]


def ordn(n):
    return str(n) + ("th" if 10 < n < 14 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


def year_words(y, r, short=True):
    if y >= 2000:
        t = y - 2000
        return pick(r, ["two thousand" + ("" if not t else pick(r, [" ", " and "]) + two(t)), "twenty " + ("hundred" if not t else "oh " + ONES[t] if t < 10 else two(t))])
    t = y - 1900
    tt = "hundred" if t == 0 else "oh " + ONES[t] if t < 10 else two(t)
    k = r.random()
    if short and k < .3 and t > 9:
        return tt
    if k > .95 and t > 9:
        return "nineteen hundred and " + tt
    return "nineteen " + tt


def spoken_literal(t, r):
    """digits and signs of plain text as words"""
    W = lambda m: words(int(m.replace(",", "")), r)
    t = re.sub(r"\b\d(?:-\d)+\b", lambda m: " ".join(ONES[int(c)] for c in m.group().split("-")), t)

    def money(m):
        unit = "dollars" if m.group(1) == "$" else "pounds"
        a = W(m.group(2))
        if m.group(3):
            c = two(int(m.group(3)[1:]))
            return pick(r, [a + " " + unit + " and " + c + (" cents" if m.group(1) == "$" else " pence"), a + " " + c, a + " " + unit + " " + c])
        return a + " " + (unit[:-1] if a == "one" else unit)
    t = re.sub(r"([$£])(\d[\d,]*)(\.\d\d)?", money, t)

    def clock(m):
        h, mi = int(m.group(1)), int(m.group(2))
        return two(h) + (" o'clock" if mi == 0 else " oh " + ONES[mi] if mi < 10 else " " + two(mi))
    t = re.sub(r"\b(\d{1,2}):(\d\d)\b", clock, t)
    t = re.sub(r"\b(\d+)/(\d+)\b", lambda m: W(m.group(1)) + " over " + W(m.group(2)), t)
    t = re.sub(r"\b(\d+)\.(\d+)", lambda m: W(m.group(1)) + " point " + " ".join(ONES[int(c)] for c in m.group(2)), t)
    t = re.sub(r"\b(\d+)-(\d+)\b", lambda m: W(m.group(1)) + pick(r, [" to ", " "]) + W(m.group(2)), t)
    t = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", lambda m: ordinal(int(m.group(1))), t)
    t = re.sub(r"\b((?:19|20)\d\d)\b", lambda m: year_words(int(m.group(1)), r, False), t)
    t = re.sub(r"\d[\d,]*\d|\d", lambda m: " " + W(m.group()) + " ", t)
    for a, b in (("%", " percent"), ("&", " and "), (" mg", " milligrams"), (" mcg", " micrograms"), (" ml", " mils"), (" lbs", " pounds"), (" kg", " kilos")):
        t = re.sub(re.escape(a) + r"(?![a-z])", b, t)
    return t


# ---------------------------------------------------------------- optional elements in plain text
WD = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
OPT = re.compile(r"\b(?:(?:this|last|next|every) )?" + WD + r"(?:s|'s)?(?: (?:morning|afternoon|evening|night))?\b"
                 r"|\b(?:today|tomorrow|yesterday|tonight)(?: (?:morning|afternoon|evening|night))?\b|\b(?:this|last|next) (?:week|weekend|month|year|morning|afternoon|evening|night|summer|winter|spring|fall)\b"
                 r"|\b(?:\d+|a|an|two|three|four|five|six|a couple of|a few) (?:minute|hour|day|week|month|year)s? ago\b"
                 r"|\b\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.|o'clock)(?! ?\d)|\b\d{1,2}:\d\d\b|\b\d{1,2} in the (?:morning|afternoon|evening)\b|\b(?:half past|quarter past|quarter to) \w+\b|\b(?:noon|midnight)\b|\b(?:19|20)\d\d\b(?! (?:steps|calories|miles))", re.I)


def mark_optional(t):
    return OPT.sub(lambda m: tag("DATE", m.group(), True), t)


# ---------------------------------------------------------------- a case's persons
def person(r, sex=None):
    """a given and a family name; sex f or m keeps to (or off) the list of women's names"""
    for _ in range(60):
        p = draw(r)
        if not sex or (p[0] in WOMEN) == (sex == "f"):
            return p
    return p


def kin(text, who):
    """sex that the frame's words ask of the person in the slot"""
    W = r"(?:wife|daughter|sister|mother(?: in law)?|mum|mom|niece|aunt|granddaughter|grandmother|girl|Mom|she's|lady named|great aunt)"
    M = r"(?:husband|son|brother|father|dad|nephew|uncle|grandson|stepdad|boy|lad)"
    S = r"\{" + who + r"(?:fn|name)\}"
    if re.search(W + r"(?:,|'s name is|, her name is|'s)? " + S + "|" + S + r",? (?:she|her|my (?:wife|daughter|sister|mother|niece|little girl))\b|for my mother, her name is " + S, text):
        return "f"
    if re.search(M + r"(?:,|'s|, his name was)? " + S + "|" + S + r",? (?:he|he's|his|my (?:husband|son|brother|father|dad|uncle))\b|his name was " + S, text):
        return "m"
    return None


def draw(r):
    k = r.random()
    if k < .68:
        a, b = pick(r, PEOPLE).split("#")
        if r.random() < .22:
            b = pick(r, PEOPLE).split("#")[1]
        f = pick(r, a.split())
        l = pick(r, re.findall(r"(?:(?:de la|dos|van der|van den|de|Di|Ni) )?\S+", b))
    elif k < .84:
        f, l = pick(r, COMMON_FIRST), pick(r, COMMON_LAST + WORD_LAST[:18])
    elif k < .93:
        f, l = pick(r, WORD_FIRST), pick(r, COMMON_LAST + sum((re.findall(r"\S+", p.split("#")[1]) for p in PEOPLE[:3]), []))
        l = l if l not in ("Ni", "Bhriain") else "Keogh"
    else:
        f, l = pick(r, COMMON_FIRST + ["Yusuf", "Ines", "Rohan", "Mateo"]), pick(r, WORD_LAST)
    return f, l


class Ctx:
    def __init__(self, r, style, frame=""):
        self.r, self.s = r, style
        self.uk = r.random() < .38
        self.p, self.q, self.k = person(r), person(r, kin(frame, "r")), person(r, kin(frame, "k"))
        if r.random() < .45:
            self.q = (self.q[0], self.p[1])
        self.oh = pick(r, ["oh", "zero", "oh", "mix"])
        self.told = []
        self.home = pick(r, UK_CITIES) if self.uk else pick(r, US_CITIES)
        self.phone = self.new_phone()
        self.lmode = pick(r, ["plain", "plain", "asin", "asin", "for", "nato", "some"])

    # -- digits
    def new_phone(self):
        r = self.r
        D = lambda n: "".join(pick(r, "0123456789") for _ in range(n))
        if self.uk:
            return pick(r, [["07" + D(3), D(3), D(3)], ["01" + D(3), D(3), D(3)], ["020", "7" + D(3), D(4)], ["07" + D(2), D(3), D(4)]])
        return [pick(r, "23456789") + D(2), pick(r, "23456789") + D(2), D(4)]

    def d(self, c):
        if c == "0":
            return self.oh if self.oh != "mix" else pick(self.r, ["oh", "zero"])
        return ONES[int(c)]

    def say(self, g):
        """one group of digits, spoken"""
        r = self.r
        k = r.random()
        if len(g) == 4 and g[1:] == "000" and g[0] != "0":
            return ONES[int(g[0])] + " thousand"
        if len(g) in (3, 4) and g.endswith("00") and g[0] != "0" and k < .7:
            return two(int(g[:-2])) + " hundred"
        if len(g) % 2 == 0 and k < .33:
            out = []
            for i in range(0, len(g), 2):
                x = g[i:i + 2]
                out.append("double " + self.d("0") if x == "00" else self.d("0") + " " + ONES[int(x[1])] if x[0] == "0" else two(int(x)))
            return " ".join(out)
        if len(g) == 3 and k < .2 and g[1] != "0" and g[0] != "0":
            return ONES[int(g[0])] + " " + two(int(g[1:]))
        out, i = [], 0
        dbl = r.random() < (.8 if self.uk else .35)
        while i < len(g):
            n = 1
            while i + n < len(g) and g[i + n] == g[i] and n < 3:
                n += 1
            if dbl and n > 1:
                out.append({2: "double ", 3: "triple "}[n] + self.d(g[i]))
                i += n
            else:
                out.append(self.d(g[i]))
                i += 1
        return " ".join(out)

    def filler(self):
        if self.s == "asr_raw":
            return pick(self.r, [" uh ", " um ", " er ", " and then ", " hold on ", " let me see "])
        return pick(self.r, [", uh, ", ", um, ", "... ", ", er, ", ", and then, ", " uh "])

    def num(self, groups, label, breathe=.13):
        """grouped digits in the style, tagged; now and then with a filler between two breaths"""
        r, s = self.r, self.s
        if s == "written":
            return tag(label, pick(r, ["-", " ", "", "-"]).join(groups))
        if s == "asr_raw":
            said = [self.say(g) for g in groups]
            if len(said) > 1 and r.random() < breathe:
                i = r.randrange(1, len(said))
                return tag(label, " ".join(said[:i])) + self.filler() + tag(label, " ".join(said[i:]))
            return tag(label, " ".join(said))
        k = r.random()
        if len(groups) > 1 and r.random() < breathe:
            i = r.randrange(1, len(groups))
            j = pick(r, ["-", " ", " "])
            return tag(label, j.join(groups[:i])) + self.filler() + tag(label, j.join(groups[i:]))
        if k < .3:
            return tag(label, "-".join(groups))
        if k < .5:
            return tag(label, " ".join(groups))
        if k < .62:
            return tag(label, "".join(groups))
        if k < .74:
            return tag(label, " ".join("".join(groups)))
        if k < .84:
            return tag(label, ", ".join(groups))
        if k < .9:
            return tag(label, " ".join(" ".join(g) if r.random() < .5 else g for g in groups))
        if k < .95:   # recogniser that writes numbers out
            return tag(label, " ".join(self.say(g) for g in groups))
        t = " ".join(groups)
        return tag(label, re.sub(r"(\d)\1(?!\1)", r"double \1", t, count=1).replace("double", " double").strip())

    def digs(self, n, lead=None):
        return (lead or "") + "".join(pick(self.r, "0123456789") for _ in range(n))

    def letter(self, c, mode=None):
        r, mode = self.r, mode or self.lmode
        c = c.lower()
        if mode == "some":
            mode = "asin" if r.random() < .4 else "plain"
        if mode == "asin":
            return c + " as in " + pick(r, ASIN[c])
        if mode == "for":
            return c + " for " + pick(r, ASIN[c])
        if mode == "nato":
            return NATO[c]
        if c == "z" and r.random() < .4:
            return "zed" if self.uk else "zee"
        return c

    def code(self, pat, label="ID"):
        """pat: L letter, # digit, other literal. '-' between groups, spoken as nothing or 'dash'"""
        r, s = self.r, self.s
        v = "".join(pick(r, "ABCDEFGHJKLMNPRSTUVWXYZ") if c == "L" else pick(r, "0123456789") if c == "#" else c for c in pat)
        return self.show(v, label)

    def show(self, v, label="ID"):
        r, s = self.r, self.s
        if s == "written":
            k = r.random()
            return tag(label, v if k < .6 else v.replace("-", "") if k < .8 else v.replace("-", " ") if k < .9 else v.lower())
        if s == "asr" and r.random() < .8:
            k = r.random()
            if k < .3:
                return tag(label, v)
            if k < .45:
                return tag(label, v.replace("-", " "))
            if k < .58:
                return tag(label, v.replace("-", ""))
            if k < .75:
                return tag(label, " ".join(v.replace("-", "")))
            if k < .85:
                return tag(label, re.sub(r"(?<=[A-Z])(?=[A-Z0-9])|(?<=\d)(?=[A-Z])", " ", v.replace("-", " ")))
            if k < .93:
                return tag(label, re.sub(r"([A-Z])", lambda m: m.group(1) + " as in " + pick(r, ASIN[m.group(1).lower()]).capitalize() + ", ", v.replace("-", " "), count=1).replace(",  ", ", ").strip(" ,"))
            return tag(label, v.replace("-", ", "))
        out, dash = [], r.random() < .3
        for g in re.findall(r"[A-Z]+|\d+|-", v):
            if g == "-":
                if dash:
                    out.append(pick(r, ["dash", "hyphen", "dash"]))
            elif g.isdigit():
                parts = [g]
                if len(g) > 4:
                    c = pick(r, [3, 4, 2])
                    parts = [g[i:i + c] for i in range(0, len(g), c)]
                out += [self.say(x) for x in parts]
            else:
                out += [self.letter(c) for c in g]
        if len(out) > 4 and r.random() < .12:
            i = r.randrange(2, len(out) - 1)
            return tag(label, " ".join(out[:i])) + self.filler() + tag(label, " ".join(out[i:]))
        return tag(label, " ".join(out))

    # -- persons
    def nm(self, *parts):
        t = " ".join(parts)
        if self.s != "written" and "-" in t and self.r.random() < .5:
            t = t.replace("-", " ")
        return tag("NAME", t)

    def spell(self, w):
        r, s = self.r, self.s
        w = re.sub(r"[^A-Za-z]", "", w)
        k = r.random()
        if s == "written":
            return tag("NAME", pick(r, ["-", " ", "-"]).join(w.upper()))
        if s == "asr" and k < .82:
            k = r.random()
            if k < .4:
                return tag("NAME", "-".join(w.upper()))
            if k < .65:
                return tag("NAME", " ".join(w.upper()))
            if k < .75:
                return tag("NAME", ". ".join(w.upper()))
            if k < .85:
                return tag("NAME", " ".join(w.lower()))
            i = max(2, len(w) // 2)
            return tag("NAME", "-".join(w[:i].upper()) + pick(r, [" ", ", "]) + "-".join(w[i:].upper()))
        out, i, m = [], 0, self.lmode
        w = w.lower()
        while i < len(w):
            if i + 1 < len(w) and w[i] == w[i + 1] and r.random() < .6 and m in ("plain", "some"):
                out.append("double " + w[i])
                i += 2
            else:
                out.append(self.letter(w[i], "asin" if m == "plain" and w[i] in "bdmnpstv" and r.random() < .15 else m))
                i += 1
        return tag("NAME", " ".join(out))

    # -- dates
    def date(self, y, m, d, with_year=True):
        r, s = self.r, self.s
        M, dmy = MONTHS[m - 1], self.uk
        if not with_year:
            if s == "asr_raw":
                f = [M + " " + ordinal(d), M + " " + two(d), ordinal(d) + " of " + M] + ([ordinal(d) + " " + M] * 2 if dmy else [])
                if m > 0 and r.random() < .15:
                    f = [two(d) + " " + two(m) if dmy else two(m) + " " + two(d), ordinal(d) + " of the " + ordinal(m)]
            else:
                f = [M + " " + ordn(d), M + " " + str(d), ordn(d) + " of " + M] + ([str(d) + " " + M, ordn(d) + " " + M] if dmy else [])
                if r.random() < .2:
                    f = [("%d/%d" % (d, m)) if dmy else ("%d/%d" % (m, d))] + ([M[:3] + " %d" % d] if s == "written" else [])
            return tag("DATE", pick(r, f))
        a, b = (d, m) if dmy else (m, d)
        yy = "%02d" % (y % 100)
        if s == "written":
            f = ["%d/%d/%d" % (a, b, y), "%02d/%02d/%d" % (a, b, y), "%02d-%02d-%d" % (a, b, y), "%d-%02d-%02d" % (y, m, d), "%s %d, %d" % (M, d, y), "%d %s %d" % (d, M, y), "%s %d %d" % (M[:3], d, y), "%d.%d.%d" % (a, b, y), "%d/%d/%s" % (a, b, yy), "%s %s, %d" % (M, ordn(d), y)]
        elif s == "asr":
            f = ["%s %s, %d" % (M, ordn(d), y), "%s %d, %d" % (M, d, y), "%s %d %d" % (M, d, y), "%d/%d/%d" % (a, b, y), "%d %d %s" % (a, b, yy), "%d, %d, %d" % (a, b, y), "%d-%d-%s" % (a, b, yy), "0%d 0%d %d" % (a % 10, b % 10, y) if a < 10 and b < 10 else "%02d %02d %d" % (a, b, y), "%s of %s, %d" % (ordn(d), M, y), "%d %s %d" % (d, M, y), "%s of the %s %s" % (ordn(d), ordn(m), yy), "%d %s %d" % (y, M, d), "%02d%02d%d" % (a, b, y), "%s %s '%s" % (M, ordn(d), yy), "%s %s" % (M + " " + ordn(d), yy)]
        else:
            Y = lambda: year_words(y, r)
            z = lambda n: (self.d("0") + " " + ONES[n]) if n < 10 and r.random() < .45 else two(n)
            f = [M + " " + ordinal(d) + " " + Y(), M + " " + two(d) + " " + Y(), ordinal(d) + " of " + M + " " + Y(), z(a) + " " + z(b) + " " + Y(), two(a) + " " + two(b) + " " + Y(), ordinal(d) + " of the " + ordinal(m) + " " + Y(), ordinal(d) + " " + M + " " + Y(), Y() + " " + M + " " + pick(r, [two(d), ordinal(d)]), two(a) + " slash " + two(b) + " slash " + Y(), " ".join(self.d(c) for c in "%02d%02d%d" % (a, b, y)), M + " the " + ordinal(d) + " " + Y()]
        return tag("DATE", pick(r, f))

    def rdate(self, lo, hi):
        r = self.r
        return r.randrange(lo, hi), r.randrange(1, 13), r.randrange(1, 29)

    # -- addresses
    def hno(self):
        r = self.r
        n = r.randrange(1, 240) if self.uk else pick(r, [r.randrange(3, 999), r.randrange(1000, 9999), r.randrange(10000, 29999)])
        if self.s == "asr_raw":
            if n < 100:
                return two(n)
            return self.say(str(n)) if r.random() < .75 else words(n, r)
        return str(n) + (pick(r, "abc").upper() if self.uk and r.random() < .1 and self.s == "written" else "")

    def stname(self):
        r = self.r
        if self.uk:
            return pick(r, UK_ST)
        if r.random() < .13:
            n = r.randrange(2, 90)
            nm = ordinal(n).capitalize() if self.s == "asr_raw" or r.random() < .3 else ordn(n)
        else:
            nm = pick(r, US_ST)
        suf = pick(r, US_SUF)
        pre = pick(r, ["North ", "East ", "West ", "South ", "NE " if self.s == "written" else "Northeast "]) if r.random() < .14 else ""
        return pre + nm + " " + (suf[1] if self.s == "written" and r.random() < .55 else suf[0])

    def unit(self):
        r = self.r
        n = pick(r, [str(r.randrange(1, 40)), str(r.randrange(100, 930)), str(r.randrange(1, 9)) + pick(r, "ABCD")])
        if self.s == "asr_raw":
            n = " ".join(self.say(x) if x.isdigit() and len(x) > 2 else two(int(x)) if x.isdigit() else self.letter(x, "plain") for x in re.findall(r"\d+|[A-Z]", n))
        return pick(r, ["Flat "] if self.uk else ["Apartment ", "Apt ", "Unit ", "Number "] if self.s != "written" else ["Apt ", "Unit ", "#", "Apt. "]) + n

    def zip(self):
        z = pick(self.r, "0123456789") + self.digs(4)
        r = self.r
        if self.s == "asr_raw":
            k = r.random()
            t = self.say(z[:3]) + " " + self.say(z[3:]) if k < .35 else " ".join(self.d(c) for c in z)
            return tag("ADDRESS", t)
        if self.s == "asr":
            return tag("ADDRESS", pick(r, [z, z, z, " ".join(z), z[:2] + " " + z[2:], z[:3] + " " + z[3:]]))
        return tag("ADDRESS", z + ("-" + self.digs(4) if r.random() < .1 else ""))

    def pc(self):
        r = self.r
        a = (self.home[1] if self.uk else pick(r, UK_CITIES)[1]) + str(r.randrange(1, 29))
        b = pick(r, "123456789") + pick(r, "ABDEFGHJLNPQRSTUWXYZ") + pick(r, "ABDEFGHJLNPQRSTUWXYZ")
        if self.s == "asr_raw":
            out = []
            for x in re.findall(r"[A-Z]|\d+", a + " " + b):
                out.append(two(int(x)) if x.isdigit() else self.letter(x, self.lmode if r.random() < .5 else "plain"))
            return tag("ADDRESS", " ".join(out))
        if self.s == "asr":
            return tag("ADDRESS", pick(r, [a + " " + b, a + b, " ".join(a + b), a + ", " + b, (a + " " + b).lower()]))
        return tag("ADDRESS", pick(r, [a + " " + b, a + " " + b, (a + b).lower()]))

    def state(self):
        st = self.home[1] if not self.uk else pick(self.r, US_CITIES)[1]
        return tag("ADDRESS", st if self.s == "written" and self.r.random() < .7 else STATE[st], True)

    def city(self):
        r = self.r
        k = r.random()
        return tag("ADDRESS", pick(r, OTHER_CITIES) if k < .1 else pick(r, UK_CITIES)[0] if k < .38 else pick(r, US_CITIES)[0])

    # -- e-mail
    def email(self, who=None):
        r, s = self.r, self.s
        f, l = who or self.p
        cl = lambda x: re.sub(r"[^a-z]", "", x.lower())
        f, l = cl(f), cl(l)
        n = pick(r, ["", "", "", str(r.randrange(2, 99)), str(r.randrange(1950, 2009))])
        base = pick(r, [[f, ".", l], [f[0], l], [f, l], [l, ".", f], [f, "_", l], [pick(r, ["sunny", "bluefish", "gran", "biker", "mad", "the real", "lucky"]).replace(" ", ""), f], [f, "-", l[0]]])
        dom = pick(r, WORKDOM) if r.random() < .1 else pick(r, MAILDOM)
        if s == "written":
            return tag("EMAIL", "".join(base) + n + "@" + dom)
        if s == "asr":
            k = r.random()
            if k < .38:
                return tag("EMAIL", "".join(base) + n + "@" + dom)
            nm = {".": "dot", "_": "underscore", "-": "dash"}
            loc = " ".join(nm.get(x, x if r.random() < .6 else x.capitalize()) for x in base) + (" " + n if n else "")
            return tag("EMAIL", loc + pick(r, [" at ", " at ", " @ "]) + pick(r, [dom, dom.replace(".", " dot "), dom]))
        nm = {".": "dot", "_": "underscore", "-": pick(r, ["dash", "hyphen"])}
        out = []
        for x in base:
            if x in nm:
                out.append(nm[x])
            elif len(x) == 1 or r.random() < .22 and len(x) < 9:
                out.append(" ".join(self.letter(c, "plain" if r.random() < .8 else "asin") for c in x))
            else:
                out.append(x)
        if n:
            out.append(self.say(n) if len(n) < 3 and r.random() < .4 else year_words(int(n), r, False) if len(n) == 4 else two(int(n)) if len(n) < 3 else self.say(n))
        d = dom.replace(".", " dot ").replace("btinternet", "b t internet").replace("aol", "a o l").replace("icloud", pick(r, ["icloud", "i cloud"]))
        d = re.sub(r"\b(co) dot uk", "co dot u k", d)
        return tag("EMAIL", " ".join(out) + " at " + d)

    # -- slots
    def slot(self, n):
        r, s = self.r, self.s
        if n[-1] == "2" and n[0] != "#" and not re.fullmatch(r"p2|d2|h\d+-\d+", n):
            n = n[:-1]
        f, l = self.p
        F, L = self.q
        K = self.k
        raw = s == "asr_raw"
        if n == "uh":
            return "" if s == "written" else pick(r, ["um,", "uh,", "er,", "well,", "so,", "", "", "yeah,", "ah,"])
        if n.startswith("#"):
            a, b = n[1:].split("-")
            return str(r.randrange(int(a), int(b) + 1))
        if n == "fn": return self.nm(f)
        if n == "ln": return self.nm(l)
        if n == "name":
            k = r.random()
            if k < .07:
                return self.nm(f, pick(r, "ABCDEFGHJKLMNPRSTW") + ("" if raw else "."), l)
            if k < .1 and " " not in L:
                return tag("NAME", f + " " + l + ("-" if s == "written" else pick(r, ["-", " "])) + L)
            return self.nm(f, l)
        if n == "lnfn": return tag("NAME", l + (", " if not raw else " ") + f)
        if n == "spell": return self.spell(l)
        if n == "spellf": return self.spell(f)
        if n == "spellr": return self.spell(F)
        if n == "rfn": return self.nm(F)
        if n == "rln": return self.nm(L)
        if n == "rname": return self.nm(F, L)
        if n == "kfn": return self.nm(K[0])
        if n == "kname": return self.nm(*K)
        if n == "kln": return self.nm(K[1])
        if n == "init": return tag("NAME", pick(r, "ABCDEFGHJKLMNPRSTW"))
        if n in ("tname", "rtname"):
            return tag("NAME", pick(r, ["Mr", "Mrs", "Ms"]) + ("." if not self.uk and not raw else "") if r.random() < .85 else "Miss", True) + " " + self.nm(l if n == "tname" else K[1])
        if n == "dr":
            t = pick(r, ["Dr. ", "Dr. ", "Doctor "])
            return tag("NAME", t + pick(r, STAFF_LAST), True)
        if n == "nurse": return tag("NAME", pick(r, ["nurse ", "Nurse ", "Sister "]) + pick(r, STAFF_LAST + STAFF_FIRST), True)
        if n == "sfn": return tag("NAME", pick(r, STAFF_FIRST), True)
        if n == "clinic": return tag("ORG_EMPLOYER", pick(r, CLINICS), True)
        if n == "emp": return tag("ORG_EMPLOYER", pick(r, EMPLOYERS))
        if n == "sname": return tag("NAME", pick(r, STAFF_FIRST) + " " + pick(r, STAFF_LAST), True)
        if n == "afn": return tag("NAME", K[0], True)    # somebody of the called party's staff, addressed
        if n == "room": return tag("ADDRESS", self.say(str(r.randrange(101, 940))) if raw else str(r.randrange(101, 940)), True)
        if re.fullmatch(r"h\d+-\d+", n):
            a, b = map(int, n[1:].split("-"))
            h = r.randrange(a, b + 1)
            return tag("DATE", two(h) if raw else str(h), True)
        if n == "pobox":
            b = str(r.randrange(11, 9800))
            return tag("ADDRESS", pick(r, ["p o box ", "box ", "post office box "]) + self.say(b) if raw else pick(r, ["P.O. Box ", "PO Box ", "Box "]) + b)
        if n == "country": return tag("ADDRESS", pick(r, COUNTRY), True)
        # dates
        if n == "dob": return self.date(*self.rdate(1934, 2013))
        if n == "cdob": return self.date(*self.rdate(2008, 2025))
        if n == "mdy": return self.date(*self.rdate(2019, 2027))
        if n in ("md", "dobm"): return self.date(*self.rdate(2000, 2001), with_year=False)
        if n == "my":
            y, m, _ = self.rdate(2012, 2027)
            return tag("DATE", MONTHS[m - 1] + " " + (year_words(y, r, False) if raw else str(y)))
        if n == "day":
            d = r.randrange(1, 32)
            return tag("DATE", ordinal(d) if raw else ordn(d))
        if n == "dnum":
            d = r.randrange(1, 29)
            return tag("DATE", two(d) if raw else str(d))
        if n == "mon": return tag("DATE", pick(r, MONTHS))
        if n == "year":
            y = r.randrange(1940, 2025)
            return tag("DATE", year_words(y, r) if raw else str(y), True)
        if n == "byear":   # birth year as an answer
            y = r.randrange(1936, 2008)
            return tag("DATE", year_words(y, r) if raw else str(y), True)
        if n == "wd": return tag("DATE", pick(r, "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()), True)
        if n == "time":
            h, m = r.randrange(1, 13), pick(r, [0, 15, 30, 45, 10, 20])
            if raw:
                t = pick(r, [two(h) + (" o'clock" if m == 0 else " " + two(m)), two(h) + ("" if m == 0 else " " + two(m)) + pick(r, [" a m", " pm", " p m", " am"])] + ([{15: "quarter past ", 30: "half past "}[m] + two(h)] if m in (15, 30) else []))
            else:
                t = pick(r, ["%d:%02d" % (h, m), "%d%s %s" % (h, "" if m == 0 else ":%02d" % m, pick(r, ["am", "pm", "a.m", "p.m"])), "%d:%02d%s" % (h, m, pick(r, ["am", "pm"]))])
            return tag("DATE", t, True)
        if n == "age90":
            a = pick(r, list(range(90, 103)))
            return tag("AGE90", (pick(r, [words(a, r), "a hundred and " + ONES[a - 100]]) if a > 100 else "a hundred" if a == 100 and r.random() < .6 else words(a, r)) if raw else str(a) if r.random() < .8 or a == 100 else words(a, r))
        # phone
        if n == "phone":
            g = self.new_phone()
            if s == "written" and not self.uk and r.random() < .3:
                return tag("PHONE", "(%s) %s-%s" % tuple(g))
            if r.random() < .05:
                g = ["+44", g[0][1:]] + g[1:] if self.uk else ["1"] + g
                if raw:
                    return tag("PHONE", ("plus four four " if self.uk else "one ") + " ".join(self.say(x) for x in g[(1 if self.uk else 1):]))
            return self.num(g, "PHONE")
        if n in ("pha", "phb", "phc"): return self.num([self.phone["abc".index(n[2])]], "PHONE", 0)
        if n == "phbc": return self.num(self.phone[1:], "PHONE", 0)
        if n == "phab": return self.num(self.phone[:2], "PHONE", 0)
        if n == "phone7": return self.num([pick(r, "23456789") + self.digs(2), self.digs(4)], "PHONE", 0)
        if n == "p4": return self.num([self.digs(4)], "PHONE", 0)
        if n == "p2": return self.num([self.digs(2)], "PHONE", 0)
        if n == "p3": return self.num([pick(r, "23456789") + self.digs(2)], "PHONE", 0)
        if n == "ext": return self.num([self.digs(pick(r, [3, 4, 2, 4]), )], "PHONE", 0)
        # address
        if n == "street": return tag("ADDRESS", self.hno() + " " + self.stname())
        if n == "stname": return tag("ADDRESS", self.stname())
        if n == "hno": return tag("ADDRESS", self.hno())
        if n == "unit": return tag("ADDRESS", self.unit())
        if n == "city": return self.city()
        if n == "home": return tag("ADDRESS", self.home[0])
        if n == "st": return self.state() if not self.uk else tag("ADDRESS", "Scotland" if self.home[1] in "DD KA IV FK ML PA".split() else "Wales" if self.home[1] in "SA LL".split() else "Northern Ireland" if self.home[1] == "BT" else "England", True)
        if n == "county": return tag("ADDRESS", pick(r, UK_COUNTIES) if self.uk else pick(r, US_COUNTIES) + pick(r, [" County", " county"]))
        if n == "zip": return self.zip()
        if n == "pc": return self.pc()
        if n == "post": return self.pc() if self.uk else self.zip()
        if n == "addr":
            c = "" if raw else ","
            if self.uk:
                return tag("ADDRESS", self.hno() + " " + self.stname()) + c + " " + tag("ADDRESS", self.home[0]) + ("" if r.random() < .4 else c + " " + self.pc())
            o = tag("ADDRESS", self.hno() + " " + self.stname())
            if r.random() < .25:
                o += c + " " + tag("ADDRESS", self.unit())
            return o + c + " " + tag("ADDRESS", self.home[0]) + ("" if r.random() < .25 else c + " " + self.state()) + ("" if r.random() < .35 else " " + self.zip())
        # mail and net
        if n == "email": return self.email()
        if n == "remail": return self.email(self.q)
        if n == "euser":
            u = re.sub(r"[^a-z]", "", (f[:1] + l).lower()) + str(r.randrange(2, 99))
            if raw:
                return tag("EMAIL", re.sub(r"(\d+)", lambda m: " " + two(int(m.group())), u))
            return tag("EMAIL", u)
        if n == "edom":
            d = pick(r, MAILDOM)
            return tag("EMAIL", d.replace(".", " dot ") if raw or s == "asr" and r.random() < .4 else d)
        if n == "url":
            u = pick(r, ["www.mychart-lakeshore.org", "cobaltdental.com/pay", "www.halvorsenfreight.net", "riverbendphotos.co.uk", "portal.eastgatemc.nhs.uk", "facebook.com/" + re.sub(r"[^a-z]", "", (f + l).lower()), "linkedin.com/in/" + re.sub(r"[^a-z]", "", (f + l).lower()), "www.gofund-%s.org" % re.sub(r"[^a-z]", "", l.lower())])
            if raw or s == "asr" and r.random() < .3:
                u = u.replace("www", "w w w").replace(".", " dot ").replace("/", " slash ").replace("-", " dash ")
            return tag("URL", u)
        if n == "ip":
            o = [str(r.randrange(1, 255)) for _ in range(4)]
            if raw:
                return tag("IP", " dot ".join(self.say(x) for x in o))
            return tag("IP", ".".join(o))
        # identifiers
        if n == "mem": return self.code(pick(r, ["L####-#####", "LLL-###-###-###", "LL########", "#########", "###-##-####L", "LLL#########", "W#########", "####-####-##", "L##-####-L", "#LL#-LL#-LL##", "M#######-##", "LL-####-####"]))
        if n == "grp": return self.code(pick(r, ["######", "LL####", "#####-##", "LLL-###", "########", "0#####", "##-####"]))
        if n == "ssn": return self.num([pick(r, "12345678") + self.digs(2), self.digs(2), self.digs(4)], "ID")
        if n in ("ssn4", "card4", "d4"): return self.num([self.digs(4)], "ID", 0)
        if n == "d3": return self.num([self.digs(3)], "ID", 0)
        if n == "d2": return self.num([self.digs(2)], "ID", 0)
        if n == "d5": return self.num([self.digs(2), self.digs(3)], "ID", 0)
        if n == "d6": return self.num([self.digs(3), self.digs(3)], "ID", 0)
        if n == "acct": return self.num(pick(r, [[self.digs(4), self.digs(4)], [self.digs(3), self.digs(3), self.digs(4)], [self.digs(2), self.digs(4), self.digs(3)], [self.digs(4), self.digs(4), self.digs(2)]]), "ID")
        if n == "sort": return self.num([self.digs(2), self.digs(2), self.digs(2)], "ID", .05)
        if n == "card": return self.num([pick(r, "345") + self.digs(3), self.digs(4), self.digs(4), self.digs(4)], "ID", .2)
        if n == "exp":
            return tag("ID", pick(r, [two(r.randrange(1, 13)) + " " + two(r.randrange(26, 32)), "oh " + ONES[r.randrange(1, 10)] + " " + two(r.randrange(26, 32))]) if raw else "%02d/%d" % (r.randrange(1, 13), r.randrange(26, 32)), True)
        if n == "claim": return self.code(pick(r, ["CL-######", "##-#####-LL", "L#######", "##########", "CLM-####-###", "####-###-##"]))
        if n == "rx": return self.code(pick(r, ["#######", "######", "RX-######", "###-####", "#######-##", "C#######", "N#######"]))
        if n == "mrn": return self.code(pick(r, ["#######", "MR-######", "L######", "##-##-##", "########", "E########"]))
        if n == "nhs": return self.num([self.digs(3), self.digs(3), self.digs(4)], "ID")
        if n == "ni": return self.code("LL-##-##-##-L")
        if n == "pol": return self.code(pick(r, ["LL-######", "POL-####-##", "#######L", "H##-####-##", "LLL######", "########-#"]))
        if n == "ref": return self.code(pick(r, ["LLLLLL", "L#L#LL", "LL####", "######", "LLL-###", "##LL##", "L#####", "########", "LL#L##"]))
        if n == "order": return self.code(pick(r, ["###-####", "########", "L##-######", "##-#######", "#####-###"]))
        if n == "track": return self.code(pick(r, ["#Z###LL#######", "##########", "LL#########LL", "####-####-####"]))
        if n == "plate": return self.code(pick(r, ["LL##-LLL", "LLL-####", "#LLL###", "LLL-###", "###-LLL", "L###-LLL"]))
        if n == "lic": return self.code(pick(r, ["L#######", "L###-####-####", "########", "LLLLL######LL", "##-###-####"]))
        if n == "serial": return self.code(pick(r, ["SN-#####-LL", "L#L####", "########", "LLL-##-####", "#####L###"]))
        if n == "pin": return self.num([self.digs(pick(r, [4, 4, 6]))], "ID", 0)
        if n == "login":
            u = pick(r, [f[:1] + l, f + l[:1], "bluefish", "sunnyday", "gardengnome", l]).lower()
            u = re.sub(r"[^a-z]", "", u) + str(r.randrange(1, 99))
            return tag("ID", re.sub(r"(\d+)", lambda m: " " + two(int(m.group())), u) if raw else u)
        if n == "vin": return self.code("#LLLL##L#######")
        if n in LISTS:
            free = [x for x in LISTS[n] if x not in self.told]
            self.told.append(pick(r, free))
            return self.told[-1]
        if n == "price": return pick(r, ["$%d" % r.randrange(5, 900), "$%d.%02d" % (r.randrange(3, 400), pick(r, [99, 50, 25, 75, 40]))] if not self.uk else ["£%d" % r.randrange(5, 900), "£%d.%02d" % (r.randrange(3, 300), pick(r, [99, 50, 20]))])
        if n == "dose": return str(pick(r, [5, 10, 12.5, 20, 25, 40, 50, 75, 81, 100, 125, 150, 200, 250, 325, 400, 500, 750, 1000, 0.5])) + " " + pick(r, ["mg", "mg", "mg", "milligrams", "mcg"])
        if n == "lab": return pick(r, ["%d.%d" % (r.randrange(4, 13), r.randrange(10)), str(r.randrange(60, 310)), "%d.%d" % (r.randrange(1, 5), r.randrange(10))])
        if n == "bp": return "%d/%d" % (r.randrange(98, 190), r.randrange(56, 110))
        if n == "age": return str(r.randrange(3, 89))
        raise KeyError(n)


LISTS = dict(drug=DRUGS, epo=EPONYM, dis=DISEASE, ins=INSURERS, sym=SYMPTOM, body=BODY, test=TEST, brand=BRAND, food=FOOD)
LITERAL_SLOTS = set(LISTS) | {"price", "dose", "lab", "bp", "age", "uh"}

# ---------------------------------------------------------------- disfluency and recogniser errors
FILL = "um uh er um uh um uh er um uh like".split() + ["you know", "I mean"]
REPEAT = set("i the my it's and to we so he she is that they in a it for was i'm but".split())
HOMO = {"birth": "berth", "their": "there", "there": "their", "your": "you're", "to": "too", "two": "to", "for": "four", "here": "hear", "know": "no", "right": "write", "appointment": "a point meant", "prescription": "description", "calling": "colin", "would": "wood", "wait": "weight", "week": "weak", "patient": "patience", "refill": "re fill", "insurance": "in sure ants", "need": "knead", "pharmacy": "farm a c", "said": "set", "but": "butt", "some": "sum", "hour": "our", "our": "are", "and": "in", "than": "then", "really": "rarely", "because": "cause", "doctor": "dr", "it's": "its", "address": "a dress", "it": "at", "i'm": "i am", "nurse": "nerves", "bill": "build", "through": "threw", "cough": "coffee", "heel": "heal", "sent": "scent", "could": "good", "have": "half", "been": "bin", "with": "width", "of": "off", "think": "sink", "want": "won't", "booking": "book in", "account": "a count", "statement": "state meant", "please": "police", "card": "cart", "order": "odor", "number": "numb er", "name": "main", "hi": "high", "under": "and there", "pain": "pane", "waiting": "weighting", "morning": "mourning", "phone": "foam"}
NUMHOMO = {"two": ["to", "too"], "four": ["for"], "eight": ["ate"], "one": ["won"], "six": ["sicks"], "oh": ["o", "owe"], "nine": ["nein"], "ten": ["tan"], "three": ["free"], "five": ["fife"], "zero": ["zeros"]}


MARKS = "".join(chr(c) for c in range(0xE000, 0xE100))
NUMBERISH = r"\d[\d.,/]*$|^(?:" + "|".join(ONES + TENS[2:] + ["hundred", "thousand", "point", "oh", "and", "a", "dr", "doctor"]) + r"|[a-z])$"


def mishear(w, r):
    key = w if w in MISHEAR else w.capitalize()
    if key in MISHEAR:
        return MISHEAR[key]
    x = w.lower()
    for a, b in (("ph", "f"), ("ck", "k"), ("wh", "w"), ("gh", "g"), ("sz", "s"), ("cz", "ch"), ("ee", "ie"), ("ll", "l"), ("tt", "t"), ("v", "b"), ("ie", "y"), ("ou", "o"), ("th", "t"), ("m", "n")):
        if a in x[1:] and r.random() < .5:
            x = x[0] + x[1:].replace(a, b, 1)
            break
    if len(x) > 6 and r.random() < .5:
        i = r.randrange(3, len(x) - 2)
        x = x[:i] + " " + x[i:]
    if x == w.lower():
        v = [i for i in range(1, len(x)) if x[i] in "aeiou"]
        i = pick(r, v or [len(x) - 1])
        x = x[:i] + {"a": "e", "e": "i", "i": "e", "o": "a", "u": "oo"}.get(x[i], x[i] + "e") + x[i + 1:]
    return x


def disfluent(t, r, style, n):
    """n fillers or repeats at places outside every span"""
    toks = t.split(" ")
    depth, places = 0, []
    for i, w in enumerate(toks):
        if depth == 0 and i and not re.search(NUMBERISH, toks[i - 1].strip(MARKS).lower()):
            places.append(i)
        depth += sum(1 for c in w if "\ue000" <= c < END) - w.count(END)
    r.shuffle(places)
    for i in sorted(places[:n], reverse=True):
        w = toks[i]
        bare = re.sub(r"[^a-z']", "", w.lower())
        if bare in REPEAT and not re.search("[" + MARK + "]", w) and r.random() < .6:
            toks.insert(i, w.rstrip(".,?!") + ("," if style == "asr" and r.random() < .4 else ""))
        else:
            f = pick(r, FILL)
            if style == "asr" and r.random() < .6:
                if toks[i - 1] and toks[i - 1][-1] not in ",.?!;:":
                    toks[i - 1] += ","
                f += ","
            toks.insert(i, f)
    return " ".join(toks)


def corrupt(t, r, style):
    """one or two recogniser errors; a value stays a value"""
    kinds = ["homo", "drop", "name", "num", "name", "homo"] + (["split"] if r.random() < .3 else [])
    r.shuffle(kinds)
    done = 0
    for k in kinds:
        if done >= (2 if r.random() < .25 else 1):
            break
        if k == "name":
            spans = [m for m in re.finditer("\ue000([^" + MARK + "]+)" + END, t) if not re.search(r"\b\w\b.*\b\w\b.*\b\w\b", m.group(1))]
            if not spans:
                continue
            m = pick(r, spans)
            ws = m.group(1).split(" ")
            i = r.randrange(len(ws))
            if len(ws[i]) < 3:
                continue
            ws[i] = mishear(ws[i].strip("."), r)
            if style == "asr" and r.random() < .5:
                ws[i] = ws[i].title()
            t = t[:m.start(1)] + " ".join(ws) + t[m.end(1):]
            done += 1
        elif k == "num":
            spans = list(re.finditer("([\ue001-\ue006])([^" + MARK + "]+)" + END, t))
            hits = []
            for m in spans:
                for w in re.finditer(r"\b(?:" + "|".join(NUMHOMO) + r")\b", m.group(2)):
                    hits.append((m.start(2) + w.start(), m.start(2) + w.end()))
            if not hits:
                if style == "asr" and spans:
                    m = pick(r, spans)
                    v = m.group(2)
                    w = re.sub(r"(?<![\d/])([248])(?=[ ,]|$)", lambda x: {"2": "to", "4": "for", "8": "ate"}[x.group(1)], v, count=1)
                    if w != v:
                        t = t[:m.start(2)] + w + t[m.end(2):]
                        done += 1
                continue
            a, b = pick(r, hits)
            t = t[:a] + pick(r, NUMHOMO[t[a:b]]) + t[b:]
            done += 1
        else:
            toks = t.split(" ")
            depth, free = 0, []
            for i, w in enumerate(toks):
                if depth == 0 and not re.search("[" + MARK + "]", w):
                    free.append(i)
                depth += sum(1 for c in w if "\ue000" <= c < END) - w.count(END)
            if k == "homo":
                free = [i for i in free if re.sub(r"[^a-z']", "", toks[i].lower()) in HOMO]
                if not free:
                    continue
                i = pick(r, free)
                w = toks[i]
                core = re.sub(r"[^A-Za-z']", "", w)
                new = HOMO[core.lower()]
                toks[i] = w.replace(core, new.capitalize() if core[0].isupper() and core != "I'm" else new)
            elif k == "drop":
                free = [i for i in free if toks[i].lower() in ("the", "a", "is", "to", "of", "and", "it", "at", "was", "my") and len(toks) > 4]
                if not free:
                    continue
                del toks[pick(r, free)]
            else:
                free = [i for i in free if re.fullmatch(r"[a-z]{7,}", toks[i])]
                if not free:
                    continue
                i = pick(r, free)
                j = r.randrange(2, len(toks[i]) - 2)
                toks[i] = toks[i][:j] + " " + toks[i][j:]
            t = " ".join(toks)
            done += 1
    return t, done > 0


# ---------------------------------------------------------------- one frame -> one case
def assemble(t, ctx):
    r, raw = ctx.r, ctx.s == "asr_raw"
    for _ in range(3):
        t = re.sub(r"\{([^{}]*\|[^{}]*)\}", lambda m: pick(r, m.group(1).split("|")).replace("<", "{").replace(">", "}"), t)
    # literal slots first: they are plain text and may join into optional patterns
    t = re.sub(r"\{(#[\d-]+|" + "|".join(sorted(LITERAL_SLOTS)) + r")\}", lambda m: ctx.slot(m.group(1)), t)
    out = []
    for i, part in enumerate(re.split(r"(\{[^{}]*\})", t)):
        if i % 2:
            out.append(ctx.slot(part[1:-1]))
        else:
            part = mark_optional(part)
            out.append(spoken_literal(part, r) if raw else part)
    return "".join(out)


def tidy(t):
    t = re.sub(r"\s+", " ", t)
    for _ in range(4):
        t = re.sub("([\ue000-\ue0fe])([\\s,.;:!?]+)", r"\2\1", t)
        t = re.sub("([\\s,;:!?]+)" + END, END + r"\1", t)
    t = re.sub(r"\s+([,.?!;:])", r"\1", t)
    t = re.sub(r"\s+", " ", t).strip()
    return re.sub(r"^([" + MARK + r"]*)\s+", r"\1", t)


def lower_bare(t):
    t = re.sub(r"[,;!?…]+(?=[\s" + MARK + r"]|$)|\.+(?=[\s" + MARK + r"]|$)|:(?=\s)|[“”\"()]", " ", t.lower())
    return t


def to_raw(t, r):
    t = t.lower()
    t = re.sub(r"\bdr\.", lambda m: pick(r, ["dr", "doctor"]), t)
    t = re.sub(r"\bmrs\b", lambda m: pick(r, ["mrs", "missus"]), t)
    t = re.sub(r"\bst\.", "saint", t)
    t = re.sub(r"\b([ap])\.m\b\.?", r"\1 m", t)
    t = unicodedata.normalize("NFKD", t)
    t = re.sub("[^a-z0-9'\\s" + MARK + "]", " ", t)
    return re.sub(r"(?<![a-z" + MARK + r"])'|'(?![a-z" + MARK + r"])", " ", t)


YEARISH = re.compile(r"(?:19|20)\d\d|(?:nineteen|twenty|two thousand|oh|zero|[a-z]+ty|[a-z]+teen)(?: [a-z]+){0,3}")


MONTHY = re.compile("|".join(m[:3] for m in MONTHS), re.I)


def extract(t):
    spans, out, stack = [], [], []
    for c in t:
        if c == END:
            a, code = stack.pop()
            d = dict(start=a, end=len(out), label=LABELS[code % 20])
            if code >= 20:
                d["optional"] = True
            spans.append(d)
        elif "\ue000" <= c < END:
            stack.append((len(out), ord(c) - 0xE000))
        else:
            out.append(c)
    assert not stack
    text, merged = "".join(out), []
    for s in sorted((s for s in spans if s["end"] > s["start"]), key=lambda s: s["start"]):
        p = merged[-1] if merged else None
        gap = text[p["end"]:s["start"]] if p else "-"
        if p and p["label"] == s["label"] == "DATE" and re.fullmatch(r"[ ,]{1,2}", gap) and not p.get("optional") and not MONTHY.search(text[s["start"]:s["end"]]) and (not s.get("optional") or YEARISH.fullmatch(text[s["start"]:s["end"]])):
            p["end"] = s["end"]    # a full date is one span with its year
        elif p and p.get("optional") and s.get("optional") and p["label"] == s["label"] and re.fullmatch(r"[ ,]{1,2}", gap):
            p["end"] = s["end"]
        else:
            merged.append(s)
    return text, merged


def render(frame, style, r):
    ctx = Ctx(r, style, frame["text"])
    t = assemble(frame["text"], ctx)
    t = tidy(t)
    heard = False
    if style != "written":
        n = len(t.split())
        if n > 5 and r.random() < (.42 if style == "asr" else .58):
            t = disfluent(t, r, style, 1 if n < 14 else r.randrange(1, 4))
        if r.random() < .168:
            t, heard = corrupt(t, r, style)
    bare = False
    if style == "asr_raw":
        t = to_raw(t, r)
    elif style == "asr" and r.random() < .34:
        bare = True
        t = lower_bare(t)
    elif style == "asr":
        t = re.sub(r"^([" + MARK + r"]*)([a-z])", lambda m: m.group(1) + m.group(2).upper(), t) if not re.match(r"[" + MARK + r"]*\S*[@.]\S", t) else t
        if t.rstrip(END)[-1] not in ".?!" and r.random() < .7:
            t += "."
    elif style == "written":
        k = r.random()
        if k < .22:
            t = t.lower() if k < .14 else t.replace("I'm", "Im").replace("n't", "nt")
        if r.random() < .3:
            t = re.sub(r"\.$", "", t)
    t = tidy(t)
    prev = frame["prev"]
    if prev.startswith("?"):
        prev = pick(r, QUESTIONS[prev[1:]]) if r.random() < .9 else ""
    if prev:
        c2 = Ctx(r, "asr_raw" if style == "asr_raw" else "written")
        c2.p, c2.q, c2.k = ctx.p, ctx.q, ctx.k
        prev = assemble(prev, c2)
        prev = tidy(to_raw(prev, r) if style == "asr_raw" else lower_bare(prev) if bare else prev)
        prev = extract(prev)[0]
    text, spans = extract(t)
    return dict(prev=prev, text=text, spans=spans), heard, bare

# ---------------------------------------------------------------- questions of the other party
QUESTIONS = dict(
    name="""What's your name, please?|Who am I speaking with?|Can I get your full name?|And your name?|May I have the patient's first and last name?|Could you say your name for me?|Who's calling?|Name on the account?|Sorry, I missed that. Your name again?|What name is it under?|First and last name please|And what's the surname?|Can I take a name for the booking?|Who is the appointment for?|Please tell me your name after the tone.""".split("|"),
    spell="""Can you spell that for me?|How do you spell your last name?|Could you spell the surname?|Spell that please|Is that spelled the usual way?|Sorry, how's that spelled?|One letter at a time please""".split("|"),
    dob="""And your date of birth?|What is your date of birth?|Can you confirm your birthday for me?|When were you born?|Date of birth please|Month, day and year of birth?|And the patient's date of birth?|Birth date?|DOB?|Could you give me your birth date including the year?""".split("|"),
    cdob="""And when was she born?|What's the little one's date of birth?|Your son's birth date?|And the child's date of birth?|Date of birth for your daughter?""".split("|"),
    phone="""What's the best number to reach you?|Can I have a phone number?|What number are you calling from?|Phone number please|And a contact number?|What's your mobile number?|Is there a number we can call you back on?|Could you give me your telephone number, area code first?|Best callback number?|Can you repeat the number?""".split("|"),
    addr="""What's your address?|Can I have your home address?|And where do you live?|Can you verify the address we have on file?|What's the mailing address?|Where should we send it?|First line of your address, please?|Could you confirm your full address?""".split("|"),
    city="""What city is that?|Which town?|City and state?|What town do you live in?|And the city?""".split("|"),
    zip="""What's your zip code?|And the zip?|Zip code please|Billing zip?|Could I get the five digit zip?""".split("|"),
    pc="""What's your postcode?|And the postcode?|Can I take your postcode please?|Postcode?""".split("|"),
    email="""What's your email address?|Is there an email we can use?|Can you spell the email for me?|Where shall I send the confirmation?|Email?|What's a good email for you?""".split("|"),
    mem="""What's your member ID?|Can you read me the number on the front of your insurance card?|Member number please|And the ID on the card?|What's the subscriber ID?|Do you have your policy or member number?""".split("|"),
    ssn4="""Last four of your social?|Can you confirm the last four digits of your social security number?|And the last four?""".split("|"),
    ref="""Do you have a reference number?|What's your booking reference?|Confirmation number?|Can I get the reference please?|What's the confirmation code?""".split("|"),
    acct="""What's the account number?|Account number please|Can I take your account number?|Which account is it?""".split("|"),
    card="""Can you read me the card number?|What's the long number across the front of the card?|Card number please|And the card you want to use?""".split("|"),
    emp="""Who is your employer?|Where do you work?|Is this coverage through your job?|Occupation and employer?|Who do you work for?""".split("|"),
    rx="""What's the prescription number?|Do you have the Rx number?|Prescription number from the bottle?|Which prescription?""".split("|"),
    date="""What day works for you?|When is your appointment?|What date would you like?|When did that happen?|When was your last visit?|Which date?|When did it start?""".split("|"),
    age="""How old is the patient?|And how old are you?|What's her age?|How old is he now?|Patient's age?""".split("|"),
    rel="""And what's your relationship to the patient?|Who else is on the policy?|Emergency contact?|Who is the patient?|Who may we talk to about your care?|Next of kin?""".split("|"),
)

FRAMES = []


def add(area, block):
    for line in block.strip().splitlines():
        line = line.strip()
        if not line:
            continue
        m = re.match(r"\[([war]+)\]\s*", line)
        styles = "war"
        if m:
            styles, line = m.group(1), line[m.end():]
        prev, _, text = line.rpartition(" ~ ") if " ~ " in line else ("", "", line)
        FRAMES.append(dict(area=area, prev=prev.strip(), text=text.strip(), styles=styles))


add("identity", r"""
?name ~ {name}
?name ~ {name}.
?name ~ {uh} {name}.
?name ~ It's {name}.
?name ~ My name is {name}.
?name ~ My name's {name}.
?name ~ {fn}.
?name ~ {fn}, {ln}.
?name ~ Yeah, {name}.
?name ~ Yes, this is {name}.
?name ~ {ln}. First name {fn}.
?name ~ {lnfn}
?name ~ First name {fn}, last name {ln}.
?name ~ First name is {fn} and the last is {ln}.
?name ~ It's {fn}, {uh} {fn} {ln}.
[ar] ?name ~ {fn}... {fn} {ln}.
[ar] ?name ~ No, not {kfn}. {fn}. {fn} {ln}.
?name ~ {name}, same as before.
?name ~ You're speaking to {fn}.
?name ~ Speaking. {fn} {ln}.
?name ~ This is his wife, {fn}.
?name ~ I'm calling for my mother, her name is {rname}.
?name ~ The patient is {rname}, I'm her daughter {fn}.
?name ~ Just put {fn}.
?name ~ Everyone calls me {kfn} but on paper it's {name}.
?name ~ It might be under my maiden name, {rln}.
?name ~ {tname}.
?name ~ {fn}. {ln}, like the bird.
?name ~ Sure, it's {fn} {ln}, {spell}.
?name ~ {ln}, that's {spell}.
?name ~ {name}, spelled {spell}.
?name ~ Surname {ln}, {fn} is the first name.
?name ~ {fn}. No, {fn}, {spellf}.
?name ~ {name} and my husband {rname}.
?name ~ {rfn} {rln} junior.
?name ~ It was {rln}, it's {ln} now, I got married.
?name ~ {name}, and I'm the guardian.
[ar] ?name ~ uh huh, {fn} {ln}, do you need me to spell it?
[ar] ?name ~ {fn}, sorry there's a baby crying, {fn} {ln}.
[ar] ?name ~ It's, hang on, take me off speaker, {name}.
?name ~ {fn} {init} {ln}.
?name ~ {uh} my full name? {name}.
?name ~ You should have me as {name}.
?name ~ I think you have it as {kname} but it's {name}.
?name ~ {name}. Do you want my middle name too? It's {rfn}.
?name ~ {rname}, she's right here next to me.
?name ~ The name on the file would be {name}.
?name ~ I'm {name}, I saw {dr} before.
?name ~ Hello, yes, {name} here.
?name ~ Put it down for {fn}, party of {#2-9}.
?name ~ {ln}.
?name ~ {tname}, {fn}.
?name ~ Under {ln}, I believe.
?name ~ That would be {name}.
?name ~ Me? {fn}.
?name ~ {fn}, no last name needed, right?
?name ~ It's for my son, {rfn}.
?name ~ For {rname}.
?name ~ {rname}, {age} years old.
?spell ~ {spell}
?spell ~ {spell}.
?spell ~ {uh} {spell}.
?spell ~ It's {spell}.
?spell ~ Sure. {spell}.
?spell ~ Yes, {spell}, and the first name is {fn}, {spellf}.
?spell ~ {spellf}, then {spell}.
?spell ~ {ln}, so {spell}.
?spell ~ The first name is {spellf}.
?spell ~ {spellf}.
?spell ~ Okay so {spell}, got that?
[ar] ?spell ~ {spell}, no wait, sorry, {spell}.
?spell ~ It's {ln} as in the town, {spell}.
?spell ~ {fn} is {spellf} and {ln} is {spell}.
?spell ~ Not the way you'd think, {spell}.
?spell ~ Just how it sounds, {spell}.
?spell ~ Capital {spell}, and that's it.
So that's {kln}? ~ No, {ln}, {spell}.
Did you say {kln}? ~ No no, it's {ln}.
Was that {kfn}? ~ {fn}. {spellf}.
I have {kname} here, is that you? ~ No, that's my sister. I'm {name}.
Is this {fn}? ~ Yes, this is {fn}.
Am I speaking with {name}? ~ Yes, {name}, that's correct.
Thank you {fn}, and the last name? ~ {ln}
And your first name? ~ {fn}
And your middle initial? ~ {init}, and the last name's {ln}.
And his name? ~ {rfn}
Who's with you today? ~ That's my niece {rfn}.
?dob ~ {dob}
?dob ~ {dob}.
?dob ~ {uh} {dob}.
?dob ~ It's {dob}.
?dob ~ Sure, {dob}.
?dob ~ My date of birth is {dob}.
?dob ~ I was born on {dob}.
?dob ~ Born {dob}.
?dob ~ That's {dob}.
?dob ~ My birthday is {dobm}, {byear}.
?dob ~ {dobm}... {uh} {byear}.
?dob ~ {dobm}, and the year is {byear}.
?dob ~ The {day} of {mon}, {byear}.
[ar] ?dob ~ {mon}, {uh}, {day}, {byear}.
[ar] ?dob ~ {dob}. No, sorry, {dob2}.
[ar] ?dob ~ {dob}, I mean {dob2}, I always give my husband's.
?dob ~ Hers is {dob} and mine is {dob2}.
?dob ~ He was born {dob}.
?dob ~ Her birthday's {dob}.
?dob ~ {dob}, do you see it?
?dob ~ Yes it's {dob}, same as on my card.
?dob ~ {name}, {dob}.
?dob ~ {dob}, and my zip is {zip}.
?dob ~ {mon} {dnum}.
?dob ~ Year is {byear}, {mon} the {day}.
?dob ~ Day {dnum}, month {mon}, year {byear}.
?dob ~ Let me think. {dob}.
?dob ~ I already told the other lady, {dob}.
?dob ~ {dob}. Do you need my social too?
?dob ~ Mine? {dob}.
?dob ~ {mon} baby. The {day}, {byear}.
?dob ~ In the old calendar they wrote {dob}, I don't know if it's right.
?dob ~ {dobm}.
?dob ~ For my dad, right? {dob}.
?dob ~ DOB {dob}
?dob ~ Date of birth {dob}, male.
Just the month and day please ~ {dobm}
Just the month and day please ~ The {day} of {mon}.
And the year? ~ {byear}, and it's {mon} not {mon2}.
What month? ~ {mon}
What month were you born? ~ In {mon}.
And which day? ~ The {day}.
And which day? ~ {day}
Did you say the {day}? ~ No, the {day2}.
Did you say {mon}? ~ {mon2}, {mon2} {dnum}.
I have {mon} {dnum}, is that right? ~ Right day, wrong month, it's {mon}.
?cdob ~ {cdob}
?cdob ~ She was born on {cdob}.
?cdob ~ {uh} {cdob}, so she's {#2-16}.
?cdob ~ His is {cdob}, the twins are both the same.
?cdob ~ {rfn}'s birthday is {cdob}.
?cdob ~ He just turned {#2-16} on the {day}.
?cdob ~ {dobm}, he'll be {#4-17}.
?phone ~ {phone}
?phone ~ {phone}.
?phone ~ {uh} {phone}.
?phone ~ It's {phone}.
?phone ~ Yeah it's {phone}.
?phone ~ My number is {phone}.
?phone ~ You can reach me at {phone}.
?phone ~ Best one is {phone}.
?phone ~ My cell is {phone}.
?phone ~ Mobile's {phone}, home is {phone2}.
?phone ~ {phone}, that's my wife's.
?phone ~ Area code {pha}, {phbc}.
?phone ~ {pha}... {uh} {phbc}.
[ar] ?phone ~ It's {pha}, {phb}, {uh} let me look, {phc}.
[ar] ?phone ~ {phab}, hang on, {phc}.
[ar] ?phone ~ {phone}. Sorry, no, that's the old one. {phone2}.
[ar] ?phone ~ {phab}, {p4}, no, {phc}.
?phone ~ {phone7}, same area code as you.
?phone ~ Work is {phone}, extension {ext}.
?phone ~ {phone} ext {ext}
?phone ~ Call the house, {phone}, and ask for {rfn}.
?phone ~ {phone}, but not after {h7-9} please.
?phone ~ The one I'm calling from is fine, {phone}.
?phone ~ I don't have a mobile, only the landline, {phone}.
?phone ~ Let me check, I never call myself. {phone}.
?phone ~ Text me on {phone}.
?phone ~ It ends in {p4}.
?phone ~ The last four are {p4}.
?phone ~ You've got it, the one ending {p4}.
?phone ~ That's {phone}, and my name is {fn}.
?phone ~ {phone}. Did you get that?
?phone ~ Okay ready? {phone}.
Sorry, can you give me the last part again? ~ The last part is {p4}.
I got the first part, and then? ~ {phbc}
Go on ~ {phc}
And the area code? ~ {p3}
And the area code? ~ Area code is {p3}.
Is it still {pha} {phbc}? ~ No, I changed it, it's {phone2}.
So that was {phab}, then? ~ Then {p4}.
Is that {p3} or {p32}? ~ {p3}.
Do you have an extension there? ~ {ext}
Do you have an extension there? ~ Extension {ext}.
What's your fax number? ~ Fax is {phone}.
What's the fax at the office? ~ {phone}
?addr ~ {addr}
?addr ~ {addr}.
?addr ~ {uh} {addr}.
?addr ~ It's {addr}.
?addr ~ I'm at {street}.
?addr ~ I live at {street} in {home}.
?addr ~ {street}.
?addr ~ {street}, {unit}.
?addr ~ {street}, {unit}, {home}.
?addr ~ {unit}, {street}, {home}.
?addr ~ {street}, and the {zip|post code} is {post}.
[ar] ?addr ~ {hno}... {stname}... {home}, {post}.
[ar] ?addr ~ {hno}, no sorry, {hno2} {stname}.
?addr ~ We moved. We're at {addr} now.
?addr ~ The old one was {street}, the new one is {street2}.
?addr ~ {pobox}, {city}.
?addr ~ It's {pobox}, {home}, {post}.
?addr ~ We only get mail at {pobox}.
?addr ~ Number {hno}, {stname}, {home}.
?addr ~ {stname}, number {hno}.
?addr ~ {street}, that's just off {stname}.
?addr ~ {home}, right by the old mill, {street}.
?addr ~ {addr}. It's the blue door.
?addr ~ Send it to my office, {street}, {home}.
?addr ~ Care of my daughter, {rname}, {addr}.
?addr ~ {home}, {st}. {street}.
?addr ~ Same as my mum's, {street}.
?addr ~ Well the house is on {stname} but the mail goes to {street2}.
?addr ~ Yes, {street}, still the same.
?addr ~ {home}. You need the street too? {street}.
?addr ~ {street}, in {county}.
And the house number? ~ {hno}
And the house number? ~ Number {hno}, {uh} yes.
What's the street name? ~ {stname}
What's the street name? ~ It's called {stname}.
Apartment number? ~ {unit}
Is there an apartment or unit? ~ Yes, {unit}.
Which county is that? ~ {county}
Which county is that? ~ We're in {county}.
Do you still live on {stname}? ~ No, we're on {stname2} now.
?city ~ {city}
?city ~ {city}.
?city ~ {uh} {city}.
?city ~ {home}, {st}.
?city ~ It's {city}, {post}.
?city ~ We live in {city}.
?city ~ Just outside {city}.
?city ~ {city}, but we're moving to {city2}.
?city ~ Between {city} and {city2}.
?city ~ I'm in {city} these days.
?city ~ Up in {home}, {st}.
?zip ~ {zip}
?zip ~ {zip}.
?zip ~ It's {zip}.
?zip ~ {uh} {zip}.
?zip ~ {zip}, {city}.
[ar] ?zip ~ {zip}, no, {zip2}.
?zip ~ The zip is {zip}.
?zip ~ Zip {zip}.
?zip ~ I think {zip}, or is that my old one?
?pc ~ {pc}
?pc ~ {pc}.
?pc ~ It's {pc}.
?pc ~ {uh} {pc}.
?pc ~ {pc}, number {hno}.
?pc ~ Yes, {pc}, {city}.
[ar] ?pc ~ {pc}. Hang on. {pc2}.
?pc ~ My postcode is {pc}.
?email ~ {email}
?email ~ {email}.
?email ~ It's {email}.
?email ~ {uh} {email}.
?email ~ Yes, {email}.
?email ~ My email is {email}.
?email ~ That's {email}, all lower case.
?email ~ {euser}, at {edom}.
[ar] ?email ~ {euser}... at... {edom}.
?email ~ Use my husband's, {remail}.
?email ~ {email}, all one word.
?email ~ Work one is {email}, but I'd rather use {remail}.
?email ~ {email}. Shall I spell it?
[ar] ?email ~ {email}, no, sorry, it's {edom}.
?email ~ It's my name, {fn} {ln}, so {email}.
?email ~ I hardly check it but {email}.
?mem ~ {mem}
?mem ~ {mem}.
?mem ~ It's {mem}.
?mem ~ {uh} {mem}.
?mem ~ Member ID {mem}.
?mem ~ My member number is {mem}.
?mem ~ The card says {mem}.
?mem ~ {ins}, {mem}.
?mem ~ {mem}, and the group is {grp}.
?mem ~ ID is {mem}, group number {grp}.
[ar] ?mem ~ {d3}, {uh}, {d4}, and then {d3}.
[ar] ?mem ~ Let me get my glasses. Okay, {mem}.
[ar] ?mem ~ {mem}. Wait. No. {mem2}.
?mem ~ I don't have the card, my social is {ssn}.
?mem ~ {mem}, under my wife, {rname}.
?mem ~ It starts {d3} and ends {d4}.
?mem ~ Subscriber is {rname}, ID {mem}.
?mem ~ I only have a picture of it, it looks like {mem}.
?mem ~ Medicare number is {mem}.
?mem ~ My NHS number? {nhs}.
?mem ~ NHS number {nhs}.
Group number? ~ {grp}
Group number? ~ Group is {grp}.
And the suffix? ~ {d2}
I have the first six, and then? ~ {d4}
What are the first three characters? ~ {d3}
Your national insurance number? ~ {ni}
Your national insurance number? ~ It's {ni}.
?ssn4 ~ {ssn4}
?ssn4 ~ {ssn4}.
?ssn4 ~ {uh} {ssn4}.
?ssn4 ~ It's {ssn4}.
?ssn4 ~ Last four {ssn4}.
?ssn4 ~ Of my social? {ssn4}.
?ssn4 ~ I'm not comfortable with that, but okay, {ssn4}.
[ar] ?ssn4 ~ {ssn4}. Sorry. {d4}.
Can I have your full social? ~ {ssn}
Can I have your full social? ~ It's {ssn}.
Can I have your full social? ~ My social is {ssn}, please don't repeat it out loud.
?ref ~ {ref}
?ref ~ {ref}.
?ref ~ It's {ref}.
?ref ~ {uh} {ref}.
?ref ~ The confirmation is {ref}.
?ref ~ I've got {ref} here.
?ref ~ Reference {ref}, booked online.
[ar] ?ref ~ {ref}, no, hold on, {ref2}.
?ref ~ The email says {ref}.
?acct ~ {acct}
?acct ~ {acct}.
?acct ~ Account {acct}.
?acct ~ It's {acct}, sort code {sort}.
?acct ~ {uh} {acct}.
?acct ~ The one ending {d4}.
?acct ~ The joint one, {acct}.
?acct ~ Checking, {acct}.
?card ~ {card}
?card ~ {card}.
?card ~ It's a {brand}, {card}.
?card ~ {card}, expires {exp}.
?card ~ {uh} {card}, and the three on the back are {d3}.
?card ~ The one ending in {card4}.
[ar] ?card ~ {d4}, {d4}, {uh} sorry the light is bad, {d4}, {d4}.
?card ~ It's my husband's card, {rname}, {card}.
Expiry date? ~ {exp}
And the security code? ~ {d3}
And the security code? ~ It's {d3}.
?emp ~ {emp}
?emp ~ {emp}.
?emp ~ I work at {emp}.
?emp ~ {uh} I'm with {emp}.
?emp ~ I drive for {emp}.
?emp ~ I'm retired, but it was {emp}.
?emp ~ Through my husband's job, {emp}.
?emp ~ It's through {emp}, he's been there {#2-30} years.
?emp ~ Self employed. My wife's at {emp} though.
?emp ~ {emp}, in {city}.
?emp ~ Night shift at {emp}.
?rx ~ {rx}
?rx ~ {rx}.
?rx ~ Rx number {rx}.
?rx ~ It says {rx}.
?rx ~ {uh} {rx}, that's the {drug}.
?rx ~ The number on the bottle is {rx}.
?date ~ {md}
?date ~ {md}.
?date ~ The {day}.
?date ~ {wd} the {day}.
?date ~ {wd}, {md}, at {time}.
?date ~ I think it was {md}.
?date ~ {uh} {md} or {md2}.
?date ~ Sometime in {mon}.
?date ~ Back in {mon}, around the {day}.
?date ~ {md} at {time}.
?date ~ Any day after the {day}.
?date ~ Between the {day} and the {day2}.
?date ~ The first week of {mon}.
?date ~ {mdy}
?date ~ Not before {md}.
?date ~ {my}, I think.
[ar] ?date ~ The {day}... no, the {day2}, sorry.
?age ~ She's {age90}.
?age ~ {age90}.
?age ~ He turned {age90} last month.
?age ~ {age90} years old.
?age ~ Believe it or not, {age90}.
?age ~ My grandmother is {age90} years young.
?rel ~ I'm her son, {rname}.
?rel ~ My husband, {rname}, his number is {phone}.
?rel ~ {rname}, she's my sister, {phone}.
?rel ~ Only my wife, {rfn}.
?rel ~ My daughter {rfn} and her husband {kfn}.
?rel ~ I'm the caregiver, {name}. The patient is {rname}.
?rel ~ {rfn}, my neighbour. She has the key.
Licence plate? ~ {plate}
Licence plate? ~ It's {plate}, a silver {brand}.
Driver's licence number? ~ {lic}
Driver's licence number? ~ {lic}, issued in {st}.
And the serial number on the monitor? ~ {serial}
And the serial number on the monitor? ~ The sticker says {serial}.
What's your username? ~ {login}
What's your username? ~ My login is {login}.
Your four digit PIN? ~ {pin}
Medical record number? ~ {mrn}
Medical record number? ~ MRN {mrn}.
Your passport number? ~ {lic}
To verify, name and date of birth ~ {name}, {dob}
To verify, name and date of birth ~ {name}, born {dob}.
To verify, name and date of birth ~ Yes, it's {fn} {ln}, date of birth {dob}.
To verify, name and date of birth ~ {ln}, {fn}, {dob}, {post}.
Name, address and phone number please ~ {name}, {addr}, {phone}.
Name, address and phone number please ~ {fn} {ln}, I live at {street}, {city}, and the phone is {phone}.
Can you verify your address and birth date? ~ {street}, {dob}.
Can you verify your address and birth date? ~ {dob}, and I'm at {addr}.
Is everything on file still correct? ~ No, my phone changed, it's {phone}, and my last name is {ln} now.
Is everything on file still correct? ~ The address is wrong, we left {stname} in {mon}.
Anything else I should note? ~ Yes, my sister {rname} can pick it up, her number's {phone}.
""")

add("talk", r"""
Hi, this is {name}, I'm calling about my {body}.
Hello, {fn} here, can somebody call me back?
Good morning {rfn}, it's {fn}.
Good afternoon, it's {tname}.
Hi {rfn}, how are you doing {today|this morning}?
{rfn}, can you hear me?
Thanks {afn}, you've been very helpful.
Okay {afn}, I'll hold.
{rfn} said she'd pick it up.
{rfn} told me to call you.
{rfn} has been throwing up since {md}.
{rfn} and {kfn} both have it now.
{rfn}'s fever went down overnight.
{rfn} won't take the pills.
{rfn} fell again in the bathroom.
{kname} is my neighbour, she drove me here.
{rfn}, sit down please. Sorry, I'm talking to my son.
{rfn}, stop that. Sorry about that.
Bye {rfn}, talk to you soon.
Is {rfn} in your office {today|this morning}? She's my daughter.
I'm calling on behalf of {rname}.
My husband {rfn} had his surgery on {md}.
My wife {rfn} is {#4-8} months pregnant and her feet are swollen.
My brother {rfn} has {epo} and he lives with me.
My mother in law, {rname}, needs a ride.
My daughter {rfn} is allergic to {drug}.
My son {rfn} bumped his head at school.
My partner {rfn} tested positive {yesterday|this morning}.
My friend {kfn} swears by it.
My boss {kfn} won't give me the day off.
My roommate {kfn} found me on the floor.
My late husband {rfn} was a patient there for years.
My granddaughter {rfn} set this phone up for me.
My ex, {rname}, has custody on weekends.
My cousin {kfn} in {city} has the same thing.
My aunt {rfn} passed away in {mon}.
My nephew {rfn} works at {emp}.
My stepdad {rfn} smokes in the house.
Our little one, {rfn}, has a rash on her belly.
The twins, {rfn} and {kfn}, are due for their shots.
I was talking to {kfn} from church and she said you take walk ins.
A lady named {kname} called me from this number.
I got a letter addressed to {kname} and nobody here has that name.
Somebody called {kfn} picked up my pills by mistake.
It's not for me, it's for {rfn}.
Please tell {rfn} I called.
Tell {rfn} her mother is on the line.
Can you let {rname} know her lab work is in?
Would you page {rname}? She's visiting in room {room}.
This is {name} returning a call from {dr}.
This is {fn} again, we spoke {yesterday|an hour ago}.
It's {name}, I'm running about {#10-30} minutes late.
{name} calling to cancel.
{fn} {ln} here, I missed my slot with {nurse}.
Hey, it's {fn}, I left my glasses in your waiting room.
Hello my name is {fn} and I have a question about the {drug}.
Hi, my name is {name} and I'd like to see somebody about {sym}.
Hi I'm {fn}, I'm new to the area, we just moved from {city}.
I just moved here from {city} and I need a doctor.
I grew up in {city} and never had allergies until I came here.
We drove in from {city} this morning.
I'm in {city} for work until the {day}, can I be seen there?
I live out past {city} so it takes me an hour.
The bus from {city} was late.
I'm on {stname}, stuck in traffic.
The pharmacy on {stname} is closed.
There's a fire on {stname} and they shut the road.
I'm parked on {stname}, where do I go?
Is your office the one on {stname}?
We used to live on {stname} near the school.
I'm calling from {county} and we have no power.
They took her to the hospital in {city} by ambulance.
He works at {emp} and can't leave before {h3-6}.
I hurt my {body} lifting boxes at {emp}.
I work nights at {emp}, so mornings are bad.
I lost my job at {emp} in {mon} and my insurance ended.
She teaches at {emp} so she catches everything.
They make us do a drug test at {emp}.
My shift at {emp} starts at {time}.
HR at {emp} says I need a doctor's note.
I retired from {emp} after {#20-40} years.
I was exposed to chemicals at {emp} back in {my}.
I've been off work from {emp} since the {day}.
It happened at work, I'm a welder at {emp}.
Can you fax the form to {emp}? It's {phone}.
I had the operation on {md}.
I had my gallbladder out in {mon}.
It started around {md} after we came home.
Since about the {day} I've had {sym}.
I've been sick since {mon}.
My last period was {md}.
The baby is due {md}.
I'm due on the {day} of {mon}.
I stopped the {drug} on {md}.
I saw {dr} on {md} and it's worse.
My appointment is on the {day}, can I move it?
I can't make the {day}, what about {md}?
Could we do {md} instead of {md2}?
I have you down for the {day} but I'll be away.
I'm away from {md} to {md2}.
My anniversary is {md}, so not that day.
I got the second shot {md}.
The referral runs out {mdy}.
The rash came up on the {day} and spread by the {day2}.
I've been clean since {mdy}.
We buried my dad on {md}, so it's been hard.
I fell on the ice on {md} and my {body} still hurts.
They told me to come back in {mon}.
We got married in {my} and I quit smoking that {week|summer}.
My birthday is on the {day}, I'd love to be better by then.
I turn {#40-80} on {md}.
I had a colonoscopy in {my}, it was clean.
My grandmother is {age90} and still drives.
My mother's {age90} and she lives alone.
Dad is {age90} now and quite deaf.
My great aunt made it to {age90}.
She's {age90}, you can't expect her to climb stairs.
He'll be {age90} in {mon}.
At {age90} she doesn't want another operation.
I look after a {age90} year old man.
The patient is a {age90} year old female with {dis}.
My grandpa died at {age90} of a stroke.
I'm {age90}, young man, I don't use the internet.
My neighbour {kfn} is {age90} and he fell.
You can call me on {phone} any time before {time}.
Please call me back at {phone}.
My number again is {phone}.
If I don't pick up, try my daughter on {phone}.
I got a missed call from {phone}, was that you?
Text the directions to {phone} please.
My old number was {phone}, please take it off.
They keep calling {phone} and that's my ex husband.
Send the results to {email}.
Can you email the form? It's {email}.
I never got it, I use {email} now.
You can find it on {url}.
I filled in the form at {url} but it froze.
Your website {url} says you're open.
The login page shows {ip} and then an error.
My IT guy says our address is {ip}.
I read on {url} that it can cause {sym}.
[ar] Hi, uh, this message is for {clinic}. My name is {name}, my date of birth is {dob}. I need a refill on my {drug}. My number is {phone}. Thank you, bye.
[ar] Hello, this is {fn} {ln}, I had an appointment on the {day} with {dr} and I got your message about changing it. Please ring me on {phone}. That's {phone2} for the landline. Okay, bye bye.
[ar] Yeah hi, it's {fn}, {rfn}'s dad, he's running a temperature of 101 and we'd like him seen {today|tomorrow}. It's {phone}. Thanks.
[ar] Hi {rfn}, it's {fn}. Just checking in, I heard about the surgery. Call me when you're up to it. Love you, bye.
[ar] This is a message for {rname}. {rfn}, it's {fn} from {emp}. Please call me at {phone}.
[ar] Good morning, this is {name}, that's {spell}, date of birth {dob}. I'm calling to see whether my blood work is back. My phone's {phone}. Thank you.
[ar] Hi it's {name} calling about my mum, {rname}, she lives at {street}, and the nurse was supposed to come {today|this morning} and nobody's been.
[ar] Hello, I'm trying to reach {dr}. {fn} {ln} here. I've still got {sym} and the {drug} isn't doing anything. I'm at {phone} until {h4-8}, after that I'm at work at {emp}.
[ar] Um, yeah, hi. This is {fn}. I, I think I left a message before. My last name is {ln}. {spell}. I need to cancel {md}. Sorry. Bye.
[ar] Hi this is {fn} over at {emp}, I'm calling about one of our guys, {rname}, he cut his hand pretty bad on the {day} and we need the work release.
[ar] It's {fn} {ln} again. I'm not sure if you got my message on {wd}. Um, {phone}. I'm, uh, I'm getting worried about {rfn}.
[ar] Hi, message for the billing people, {name} here, account {acct}, I was charged twice on {md}. My number's {phone}. Cheers.
You mentioned somebody helps you at home? ~ Yes, {rfn} comes {#2-5} times a week.
Who lives with you? ~ My wife {rfn} and our two boys, {kfn} and the baby.
Who lives with you? ~ Just me and my brother {rfn}.
Is anyone else in the family sick? ~ {rfn} was, but she's fine now.
Who drove you here? ~ {kfn} did, he's parked outside.
Who referred you? ~ A friend of mine, {kname}.
Who told you that? ~ {kfn} at the front desk of my gym.
How long have you lived here? ~ Since {my}, before that we were in {city}.
Where were you when it happened? ~ In {city}, visiting {rfn}.
Where were you when it happened? ~ On {stname}, right outside {brand}.
Where did you have that done? ~ At a hospital in {city}.
Have you traveled recently? ~ Yes, we were in {city} and then {city2} in {mon}.
Have you traveled recently? ~ I flew back from {city} on the {day}.
When was your last tetanus shot? ~ {mon} of {year}, maybe.
When was your last tetanus shot? ~ Oh, I cut my hand at {emp}, so, {mon}.
When did you stop drinking? ~ {mdy}. I remember the day.
When did your husband die? ~ {rfn} died on {mdy}.
And how is your mother? ~ {rfn}'s fine, she'll be {age90} on {md}.
What do you do for a living? ~ I'm a forklift driver at {emp}.
What do you do for a living? ~ I clean at {emp} three nights a week.
What do you do for a living? ~ Retired. I was at {emp} in {city}.
Is there somebody who can bring you? ~ My neighbour {kname} could, she's at {phone}.
Can you hold for a second? ~ Sure. {rfn}, turn that down, I'm on the phone.
And you're calling about whom? ~ About {rfn}, my little girl.
How can I help? ~ {fn} {ln}, checking in for {time}.
How can I help? ~ Hi, yes, I'm {rname}'s mother.
How can I help? ~ I need to change my address to {addr}.
How can I help? ~ I'd like to book for {md}, it's for my son {rfn}.
How can I help? ~ I have a bill dated {mdy} for {price}.
How can I help? ~ I'm looking for my wife, she was brought in {today|last night}. {rname}.
Hello? ~ {rfn}? It's {fn}.
Hello? ~ Hi, is {rfn} there?
Hello? ~ Yes, hello, may I speak to {rname} please?
Is this a good time? ~ Not really, {rfn} just woke up.
Sorry, you broke up ~ I said {rfn} is in {city}.
Sorry, you broke up ~ I said it's {ln}, not {kln}.
Could you say that again? ~ {street}, I said.
Could you say that again? ~ {mon}. {mon} the {day}.
Could you say that again? ~ I said {fn}. {fn}.
Anything you want to tell the doctor first? ~ Tell him {fn} says hello, he knows me.
So I told {kfn}, I said, {kfn}, you can't keep eating like that, and now look, he's in the hospital in {city}.
Me and {rfn} went down to {city} for the weekend and that's where she got bit.
There's me, {fn}, then {rfn}, and {kfn} is the youngest.
You know {kname}? She had the same surgery and she was up in {#2-9} days.
I'm {fn}'s husband, I think I'm on the form.
Between you and me, {rfn} drinks.
God bless you {rfn}.
{rfn} sweetie, tell the doctor where it hurts.
{kfn} from {emp} will drop off the paperwork {tomorrow|on Friday}.
We named her {rfn}, after my mother.
It's pronounced {fn}, but don't worry about it.
People always get it wrong. It's {ln} not {kln}.
He goes by {kfn}.
Her married name is {rln}.
My name was misspelled on the bracelet, it should be {spell}.
Please change my name in your system from {kln} to {ln}.
The letter says dear {rtname}, and that's not me.
{rtname} next door called the ambulance.
{tname} speaking.
Is that {rtname}?
Thank you {tname}.
The dog's fine, {rfn} is looking after him.
I don't want {rfn} to know about this.
{rfn} hasn't slept since the accident on {stname}.
I'll be staying with my daughter at {street} after the surgery.
The ambulance should come to {street}, the side door.
We have a cabin near {city}, and that's where the tick was.
Do you have an office closer to {city}?
I'd rather go to the one in {city}.
My insurance card has my old address in {city}.
Can you mail it to my P.O. box in {home}, {st}?
I'm originally from {country}, but I've lived in {city} for {#3-30} years.
They found him wandering on {stname} in his pyjamas.
The nurse comes out to us here in {city} on {Mondays|Wednesdays|Fridays}.
I was born in {city}, in the old hospital.
I came straight from my shift at {emp}, that's why I'm late.
{emp} changed our plan in {mon}.
Does {emp} have to know?
The plant nurse at {emp} took my blood pressure, it was {bp}.
Our union at {emp} covers it.
I can't take calls at {emp}, so text me.
My password? No. My username is {login} and it says locked.
The plate on the van is {plate}, please don't tow it.
The pump has a number on it, {serial}.
My case number with the county is {claim}.
I wrote the number down, it's {ref}, I think.
My old chart number was {mrn}, from before the merger.
I've got my badge here, it says {mrn}.
The police report is number {claim}, from {md}.
The code they texted me is {d6}.
Room {room}, under {ln}.
I'm in room {room}, my name is {fn}.
{name}. Yes. Here. Coming.
[ar] so yeah {rfn} she she called me and said dad you need to get this looked at and I said okay
[ar] I was, uh, I was supposed to be there on the {day}, the {day2}, one of those, I don't have the card with me
[ar] I think it was {mon}, or no, it was {mon2}, because {rfn} was still at {emp}
[ar] my, my husband, {rfn}, he's he's not breathing right
[ar] we're at {street}, {street}, please hurry
[ar] he said his name was {kname}, or {kln}, something like that
[ar] it's for {rfn}, that's, well, {spellr}
[ar] I'm in, what's it called, {city}, at the bus station
[ar] yeah no I moved, I moved to {city} in {mon} with {rfn}
[ar] hang on, {rfn} is talking to me. What? No. Okay he says it's {phone}
[ar] so {kfn} goes to me, you should ring {clinic}, so I'm ringing
[ar] I'm looking at the calendar now and, uh, the {day} won't work, {md} might
[ar] oh hi {rfn} it's only me, {fn}, I'm just ringing to say the hospital rang
[w] Hi, this is {name}. I tried to check in online for {md} but the form keeps rejecting my date of birth ({dob}).
[w] Please update my contact details: {phone}, {email}. Thanks, {fn}
[w] Hello, my daughter {rname} ({cdob}) has had a fever since {wd}. Can she be seen {today|tomorrow}?
[w] Thanks so much! {fn}
[w] Regards, {name}
[w] Cheers, {fn} {ln}, {city}
[w] pls call me at {phone}, its urgent
[w] name: {name}, dob: {dob}, phone: {phone}
[w] Patient: {lnfn}. Reason: {sym}.
[w] I'm writing for my father ({rname}, {age90}). He needs a home visit at {addr}.
[w] Can I move my {md} appointment to the week of {md2}? Name is {name}.
[w] sorry wrong number, i meant {phone}
[w] my new address is {addr}
[w] Could you send the bill to {email} instead of {remail}?
[w] attn: {dr}. pt {name} says the {drug} {dose} makes her dizzy.
[w] Do you have anything on {md} after {time}? I finish work at {emp} at {h3-6}.
[w] @{afn} can you answer this one please
[w] fyi {rfn} is in {city} till {md}
""")

add("consult", r"""
So {fn}, tell me what's been going on.
Alright {fn}, I'm going to listen to your chest now. Deep breath in for me.
{fn}, how long have you had this pain in your {body}?
Okay {tname}, we have your results back and the {test} is a little high at {lab}.
Good to see you again, {fn}. Last time you were here was {md}, and we started you on {drug} {dose}.
Well {fn}, I think we should repeat the {test} in {mon}.
How's {rfn} doing with the new school?
Any changes since I saw you in {mon}?
I see here you were admitted on {md} with {sym}.
Your mammogram from {mdy} was normal.
So the patient is {name}, {age}, with {dis} and a new complaint of {sym}.
This is {rname}, she's {age90}, she came in with her daughter {fn} after a fall at home on {stname}.
We'll see you back on {md}, {fn}, and bring the blood pressure log.
Your mother told me you moved to {city}. How's that going?
And you still work at {emp}, lots of lifting?
Let's get that out before {md}, then. I'll have {sfn} call you.
Tell me about the fall. ~ Well it was on {md}, I was walking down {stname} with {rfn} and my {body} just gave out, and then I couldn't get up for a good ten minutes.
What brings you in? ~ I've had {sym} since about {mon}, and then on {md} I had to leave work at {emp} because it got so bad.
How did the surgery go? ~ It went fine, it was the {day} of {mon}, and I was home by {wd}, {rfn} took care of me.
Any family history? ~ My dad had {epo}, my uncle {rfn} had a heart attack at {#45-75}, and my grandmother lived to {age90}.
Any family history? ~ My sister {rfn} has {dis}, nothing else that I know of.
Do you have support at home? ~ Yes, my husband {rfn}, and {kfn} next door looks in on me.
Are you still working? ~ I am, yes, at {emp}, four days a week, mostly standing.
When did you first notice it? ~ I'd say {md}, because it was the day before we drove to {city}, and I had {sym} the whole way.
When did you last see the eye doctor? ~ {my}. I keep meaning to go.
And the headaches? ~ Worse since {mon}, I get one about every {#2-5} days, and {drug} doesn't touch it.
When was your last dose? ~ On the {day}, the morning of the {day}.
How's your mood been? ~ Up and down, since {rfn} died in {mon} I don't sleep, I eat once a day and I just don't see the point of cooking for one.
Did you bring somebody with you? ~ Yes, this is my wife, {rfn}.
Who's this with you? ~ That's {rfn}, my grandson.
I'm going to refer you to a specialist in {city}, they usually call within {#2-10} days.
Let me just confirm, {fn}, born {dob}, here about the {body}?
{dr} wants you to stay off it until {md}.
You had the stent put in {my}, is that right?
So your due date by the scan is {md}.
When did your water break? ~ At about {time}, on the {day}, we were still in {city}.
Hi, I'm {dr}. You must be {fn}.
Hi {fn}, I'm {sfn}, I'm one of the nurses here, I'll just take your temperature and blood pressure.
Now {rfn}, can you open your mouth nice and wide for me?
Mom, how long has {rfn} been coughing?
Has {rfn} had anything to eat {today|this morning}?
Okay so {rfn} weighs {#12-60} pounds, so the dose is {#3-9} ml.
Let's talk about your father. He's {age90}, he's frail, and another operation carries a real risk.
""")

add("service", r"""
I'd like to book a room under the name {name}.
I have a reservation under {ln}, arriving {md}.
We're checking in {md} and out on the {day}.
We're staying from the {day} to the {day2} of {mon}, two adults.
Can I add a night? We leave on {md}.
I need to cancel my stay on {md}, the reference is {ref}.
My booking's under {name}, two rooms, {#2-5} nights.
I left a jacket in room {room}, the name is {ln}.
Can you send the invoice to {email}?
Do you have anything near {city} for the {day}?
I'm looking for a hotel in {city}.
We want to go from {city} to {city2} on {md}.
A single to {city} please, leaving {time}.
Return flight {city} to {city2}, out {md}, back {md2}.
My flight from {city} was cancelled and I missed the connection in {city2}.
I'm flying out of {city} on the {day} and I want to change my seat.
My bag didn't arrive in {city}, the tag number is {track}.
The passenger's name is {rname}, she needs a wheelchair.
My frequent flyer number is {mem}.
The confirmation email says {ref}, last name {ln}.
The name on the ticket is wrong, it says {kfn} and it should be {fn}.
Passport number is {lic}, name as in the passport {name}.
I need a taxi from {street} to the airport on {md}.
Pick me up at {street} please.
Drop off is {street}, in {home}.
Table for {#2-9} on {md}, name of {ln}.
Can I book for {md} at {time}, it's {fn}'s birthday.
It's under {fn}, for {#2-8}, at {time}.
I'd like to move my table from the {day} to the {day2}.
We booked for {ln}, party of {#3-9}, could we make it {#3-9}?
Is the patio open on {md}?
Can you put happy birthday {rfn} on the cake?
{ln}, {#2-6} people, and one of us is {rname} who has a nut allergy.
Order for {fn}, one {food|<food>} to take away.
Delivery to {street}, {unit}.
The order number is {order} and I still haven't got it.
Tracking says it was left at {street} but that's not my house.
My parcel {track} has been in {city} since {md}.
I ordered it on {md} and they said {#2-9} days.
The delivery was for my neighbour, {kname}.
Please leave it with {kfn} next door at number {hno}.
I want to return order {order}, bought on {mdy}.
I'd like to open an account, my name is {name}.
I'd like to transfer {price} to {kname}.
Send {price} to my son {rfn} please.
Move {price} from my checking to account {acct}.
There's a charge on {md} for {price} that I don't recognise.
There's a payment to somebody called {kname} and I never made it.
I lost my card in {city} {yesterday|last night}.
The card ending {card4} was declined.
My card number is {card}, can you block it?
I've got the card here, {card}, it's in my wife's name, {rname}.
Sort code {sort}, account number {acct}.
My direct debit goes out on the {day}, can I move it to the {day2}?
My salary from {emp} hasn't come in.
I get paid by {emp} on the {day} of the month.
Employer's {emp}, I've been there since {my}.
I changed my name from {kln} to {ln} and I need a new card.
My online banking user name is {login}.
The code you sent was {d6}.
My PIN is {pin} and it isn't working.
The mother's maiden name you have is {rln}.
The second signature on it is {kname}.
I moved to {addr}, please update it.
The statement went to {street}, that was years ago.
I'm locked out, the email on the account is {email}.
I'd like a quote for my car, the plate is {plate}.
The registration is {plate} and it's parked on {stname}.
My policy number is {pol}.
I'm calling about claim {claim}, somebody backed into me on {md}.
The accident was on {stname} in {city} on {md}.
The other driver was {kname}, plate {plate}.
His insurance is {ins} and his number is {phone}.
The driver's licence is {lic}, {st}.
I want to add my son {rfn} to the policy, he was born {dob}.
My wife {rname} is the main driver.
The policy holder passed away on {md}, his name was {rname}.
Beneficiary is {rname}, born {dob}.
The roof came off on {md}, we're at {street}.
The adjuster came by {street} {yesterday|last week} but nobody was home.
The VIN is {vin}.
My internet's down, the account's under {name}, {post}.
The router serial number is {serial}.
It shows an address like {ip}, is that normal?
The mac sticker's worn off but I can read {serial}.
My phone number with you is {phone}, I want to keep it.
I'd like to port {phone} from {brand}.
The technician was meant to come to {street} between {h8-9} and {h10-12}.
I've been a customer since {my}, account {acct}.
My bill from {md} is {price}, it's usually {price}.
You can call me back on {phone} if we get cut off.
If we get disconnected my number's {phone}.
My login is {email} and I forgot the password.
I'm trying to stream it on {url} and it buffers.
The website is {url}, it says page not found.
The gift was from {kfn} and {rfn}, can I exchange it?
It's a gift for {kname}, ship it to {addr}.
I'm the landlord of {street}, the tenant is {kname}.
There's a gas smell at {street}.
The power has been out on {stname} since {time}.
I've got a meter reading for {street}.
The meter number is {serial}.
My gym membership is {mem}, I want to freeze it until {md}.
Library card {acct}, name {name}.
I'd like two tickets for {md}, under {name}.
The seats are for the show in {city} on {md}.
I want to speak with {sname} in accounts, extension {ext}.
Could you put me through to extension {ext}?
Is {sname} still your regional manager?
I'd like to leave a tip for the maid, her tag said {sfn}.
I work for {emp}, do we get the corporate rate?
The company name is {emp}, bill it to them.
It's a business trip for {emp}, so I need a receipt.
My student ID is {mrn}, I graduate in {mon}.
The appointment for the gas man is {md}, I want it earlier.
The car rental in {city}, pick up on the {day} at {time}.
We'll be {#2-6} guests, arriving in {city} around {time}.
My loyalty number? It's on my key ring. {mem}.
The voucher code is {ref}.
Voucher {ref} says expired but it's good until {md}.
Can I take your name and postcode? ~ {name}, {pc}.
Can I take your name and postcode? ~ {fn} {ln}. {pc}.
What name is the booking under? ~ {ln}, I think, or maybe {fn}.
What name is the booking under? ~ My assistant made it, try {kname}.
What name is the booking under? ~ {emp}, it's a work thing.
And what time will you be arriving? ~ {time}, on {md}.
For how many nights? ~ {#2-9}, from {md}.
For how many nights? ~ Just the {day} and the {day2}.
Which dates? ~ {md} to {md2}
Which dates? ~ {md} through the {day}.
Which dates? ~ From the {day} till the {day2}.
Which dates? ~ Any weekend in {mon}.
Flying from? ~ {city}
Flying from? ~ {city} or {city2}, whichever is cheaper.
And your destination? ~ {city}
And your destination? ~ We'd like to end up in {city}.
What's the nearest city? ~ {city}
What's the nearest city? ~ That'd be {city}, about {#10-60} miles.
Who shall I make the cheque out to? ~ {kname}
Who is the payment for? ~ {kname}, he's my landlord.
And the recipient's account? ~ {acct}
And the recipient's account? ~ It's {acct}, sort code {sort}, name {kname}.
What was the last transaction? ~ {price} at {brand} on {md}.
What was the last transaction? ~ I paid {kname} {price}.
When did you notice the charge? ~ On {md}, when I got back from {city}.
Can I take the long card number? ~ {card}
Can I take the long card number? ~ {card}, valid to {exp}, {d3}.
And the name as it appears on the card? ~ {name}
And the name as it appears on the card? ~ {tname}
And the name as it appears on the card? ~ {init} {ln}.
Vehicle registration? ~ {plate}
Vehicle registration? ~ {uh} {plate}, it's a {brand}.
Who was driving? ~ My son, {rname}, he's {#17-29}.
Who was driving? ~ {rfn} was.
Where did the accident happen? ~ On {stname}, corner of {stname2}.
Where did the accident happen? ~ Just outside {city}, near the {brand}.
Policy number? ~ {pol}
Policy number? ~ It's {pol}.
Claim number? ~ {claim}
Claim number? ~ {claim}, for {ln}.
Where should we deliver it? ~ {addr}
Where should we deliver it? ~ To my work, {emp}, {street}.
Where should we deliver it? ~ My mum's, {street}, {pc}.
Order number? ~ {order}
Order number? ~ It begins with {d3}, {order}.
Which store was it? ~ The one in {city}.
Which store was it? ~ On {stname}, in {city}.
How can we contact you? ~ {email}, or {phone}.
Are you the account holder? ~ No, that's my wife, {rname}.
Are you the account holder? ~ Yes, {name}.
Are you the account holder? ~ My father is, {rname}, he's {age90} and he can't hear well.
Security question, where were you born? ~ {city}
What is your mother's maiden name? ~ {rln}
What is your mother's maiden name? ~ It's {rln}, {spellr}.
Anything else? ~ Yes, can you change the email to {email}?
Anything else? ~ Could you also take {kname} off the account?
Would you like a reminder? ~ Yes, on {phone}.
Is there a special occasion? ~ It's {rfn}'s birthday on {md}.
Is there a special occasion? ~ Yes, my grandmother turns {age90}!
So that's {ln}, four people? ~ No, {kln}. {#2-9} people.
Thank you, and the surname? ~ {ln}, {spell}.
[ar] Hi yeah it's {name}, I rang {yesterday|earlier}, I've got a, uh, a booking for the {day}, I want to make it the {day2}.
[ar] so the name's {name} and the reference is, let me scroll, {ref}
[ar] it was meant to come on the {day} and then they said the {day2} and now it's {mon} already
[ar] I spoke to somebody called {sfn}, she said it would go to {street}, and it didn't
[ar] no no no, not {city}, {city2}
[ar] I want to go to {city}, no, sorry, from {city}, to {city2}
[ar] my card is {d4}, {d4}, {d4}, um, {d4}
[ar] the, the postcode's {pc}, and it's, uh, number {hno}
[ar] it's in my partner's name, so that's {rname}, and I'm {fn}
[ar] yeah hi can I get a a table tonight, name's {fn}, number's {phone}
[ar] so I was in {city}, right, and the card just stopped working, and I had to borrow {price} off {kfn}
[ar] I log in as {login}, the sticker says {serial}, and nothing comes up
[w] Hi, order {order} never arrived. Ship to: {name}, {addr}.
[w] Booking {ref}: please add {rname} as second guest.
[w] I was double charged on {md}. Card ending {card4}. Please refund.
[w] acct {acct}, can't log in, username {login}
[w] Please cancel my subscription. Email is {email}.
[w] Need 2 rooms in {city} {md} - {md2}, {emp} corporate rate
[w] claim {claim} has been open since {my}, who is handling it?
[w] Car reg {plate}, policy {pol}, change of address to {addr}
[w] hi im {fn}, flight {ref} got cancelled in {city}, what now
[w] refund to sort code {sort} acc {acct} please
""")

add("pharmacy", r"""
I'm calling to refill {rx}.
Can I get a refill on prescription number {rx}?
Refill for {name}, {dob}, the {drug}.
Is the {drug} ready for {rname}?
I'm picking up for {rname}, birthday {dob}.
Pick up for {ln}.
Picking up two for {ln}, {fn} and {rfn}.
The label says {rx} and it has no refills left.
You filled it on {md} but I only got half.
My {drug} ran out on the {day}.
It'll be ready on the {day}, they said.
I'm going away on {md} and I need it early.
Transfer my prescriptions from the {brand} in {city} please.
Could you send it to the pharmacy on {stname} instead?
The pharmacy in {city} doesn't have the {drug} {dose}.
Deliver it to {street}, she can't get out.
Deliver to {rname}, {addr}, leave it with {kfn} if she's out.
My new card is {ins}, member {mem}, group {grp}.
BIN is {d6}, group {grp}, ID {mem}.
The insurance changed in {mon}, the new ID is {mem}.
My {ins} ID is {mem}.
They need a prior authorization, reference {ref}.
The prior auth number is {claim}.
The prescriber is {dr}, the patient is {name}.
This is {sfn} from {clinic}, calling in a script for {name}, date of birth {dob}, {drug} {dose}.
Calling in for {rname}, {dob}, {drug} {dose}, {#30-90} tablets, no refills.
Patient {name}, born {dob}, allergic to {drug}.
I had blood drawn on {md}, are the results in?
My lab order number is {order}.
The requisition is {order}, under {name}.
The specimen was collected on {md} for {rname}.
Specimen {serial}, patient {ln}, please recollect.
Critical value on {name}, record {mrn}, {test} {lab}.
I did the test at your place in {city} on {md}.
You sent my results to the wrong address, I'm at {street} now.
Fax the results to {phone}, attention {sfn}.
The kit barcode is {track}.
I got a bill for {price} dated {md}.
My account number on the statement is {acct}.
The statement number is {acct}, it's for my son {rfn}.
The guarantor is {rname}, that's me, his father.
I already paid that on {md} with the card ending {card4}.
I'd like to pay {price}, my card is {card}.
Pay by card, {card}, expiry {exp}, zip {zip}.
I'm on a plan, {price} on the {day} of every month.
The claim number is {claim} and they denied it.
{ins} says the claim {claim} was never received.
The date of service was {mdy}.
Date of service {md}, claim {claim}.
The subscriber's my husband, {rname}, born {dob}.
My coverage started {mdy} through {emp}.
I was covered by {emp} until {md}.
COBRA from {emp} ran out in {mon}.
My case worker is {sname}, her extension is {ext}.
I need the tax form sent to {addr}.
My flex card from {emp} got declined.
My Medicare number is {mem}, part B since {my}.
The authorisation covers {md} through {md2}.
The check number is {acct}, it cleared on {md}.
I have a denial letter dated {mdy}, reference {ref}.
The explanation of benefits has {mem} on top.
My mother is {age90}, I handle her bills, her name's {rname}.
My dad's {age90} and he mixed up his pills.
Can you text {phone} when it's ready?
Text me at {phone}, not the landline.
The text went to {phone}, that's my ex wife's.
My email for the portal is {email}.
The portal at {url} says my account's locked.
I logged in as {login} and I see somebody else's results.
Somebody named {kname} is on my profile.
It printed {kname} on my label, that isn't me.
My {brand} card number is {mem}.
The pump serial is {serial} and it keeps beeping.
The lot number on my meter is {serial}.
Can I help who's next? ~ Hi, {ln}, picking up.
Can I help who's next? ~ Prescription for {rname} please.
Name and date of birth for the pick up? ~ {name}, {dob}
Name and date of birth for the pick up? ~ {rname}, {dob}, she's my wife.
Name and date of birth for the pick up? ~ {ln}, {dobm}.
Address for the prescription? ~ {street}
Address for the prescription? ~ {street}, {post}.
Which insurance is it? ~ {ins}, ID {mem}.
Which insurance is it? ~ {ins}, through {emp}.
Date of service? ~ {mdy}
Date of service? ~ It was {md}.
Date of service? ~ {md}, and again on the {day}.
Invoice number? ~ {acct}
Invoice number? ~ It's {ref}, bottom left.
Lab number? ~ {order}
NPI or tax ID? ~ {mem}
Who is the subscriber? ~ {rname}
Who is the subscriber? ~ My wife, {rname}, date of birth {dob}.
Who is the subscriber? ~ I am, {fn} {ln}.
Who's the ordering provider? ~ {dr}, but the patient is {rname}.
When was it filled last? ~ {md}
When was it filled last? ~ On the {day}, thirty tablets.
When do you need it by? ~ Before {md}, we're going to {city}.
When do you need it by? ~ The {day} at the latest.
Where do you want it sent? ~ The one on {stname}.
Where do you want it sent? ~ The {brand} in {city}, on {stname}.
Is there a callback number? ~ {phone}, ask for {fn}.
Last four of the card? ~ {card4}
Last four of the card? ~ {uh} {card4}.
Is this for you? ~ No, for my husband, {rfn}.
Is this for you? ~ For {rname}, he's {age90} and housebound.
How will you be paying? ~ By card, {card}.
How will you be paying? ~ Same card, ending {card4}.
Could you read me the number on the label? ~ {rx}
Could you read me the number on the label? ~ It's smudged, {d3} something {d2}.
Who collected it? ~ My brother, {rname}, on {md}.
[ar] uh hi I need a refill, it's, uh, {rx}, {drug}, for {name}
[ar] they said {md} then they said {md2} and now you're telling me you don't have it
[ar] I'm looking at the bottle, it says {rx}, {ln} comma {fn}, take one daily
[ar] my wife's one is {rx} and mine's {rx2}
[ar] it was {price}, I paid it, on the {day}, with the, with the card ending {card4}
[ar] {ins} told me to ring you, the claim is {claim}, it's for {rfn}, my little lad
[ar] okay so member ID, {mem}, and the, the group's {grp}
[w] Refill request: {name}, {dob}, Rx {rx}, {drug} {dose}
[w] pls refill {rx} and {rx2} thx
[w] Claim {claim} denied, DOS {mdy}, pt {ln}
[w] Result for {rname} (MRN {mrn}): {test} {lab}
[w] member {mem} grp {grp} {ins}
[w] Please ship to {addr}. Rx {rx}.
""")

add("consult", r"""
So what brings you in {today|this morning}?
How long has this been going on for?
Does it hurt when I press here?
On a scale of 1 to 10, how bad is the pain?
Any fever, chills, or night sweats?
Is the pain constant or does it come and go?
Have you tried anything for it, over the counter maybe?
Are you allergic to any medicines?
Any surgeries in the past?
Do you smoke or drink at all?
Does anybody in the family have {dis} or {epo}?
Okay, let's have a look. Take a deep breath in. And out. Good.
Can you follow my finger with your eyes, without moving your head?
Push against my hand. Stronger. Good. Now the other side.
I'm going to tap just under your knee, try to relax the leg.
Your blood pressure {today|this time} is {bp}, which is a bit {high|higher than I'd like}.
Your heart rate is {#58-120} and your oxygen is {#89-99} percent.
Temperature's {#97-103}.{#1-9}, so you do have a slight fever.
The lungs sound clear, no wheezing, so I don't think it's pneumonia.
I don't hear a murmur, and the pulses in your feet are good on both sides.
Your {test} came back at {lab}, which is {up|down} a little from last time.
Everything else in the blood work was normal, the kidneys, the liver, all of that looks fine.
The X-ray doesn't show a fracture, just some wear and tear in the {body}.
I'd like to start you on {drug}, {dose}, once a day with food.
We'll go up on the {drug} from {#5-20} to {#25-50} mg and see how you feel in {#2-6} weeks.
Stop the {drug} for now and call us if the {swelling|rash|dizziness} gets any worse.
You can take {drug} for the pain, but not more than {#3-4} times a day.
Let's cut the {drug} in half, since it's making you dizzy.
I think this is a viral infection, so antibiotics won't help, but plenty of fluids and rest will.
It sounds like a pulled muscle rather than anything in the joint itself.
I want to rule out {epo}, even though I think it's unlikely.
Have you noticed any blood in your urine or stool?
Any change in your weight, appetite, or sleep?
Are you drinking enough water during the day?
How many pillows do you sleep on?
Do you wake up at night to use the bathroom?
Tell me about a typical day, what do you eat, how much do you walk?
Any chest pain, shortness of breath, or swelling in the legs?
And the cough, is it dry or are you bringing anything up?
Have you had {sym} before or is this new?
Is there anything that makes it better or worse?
Okay, I'd like to get an EKG and some blood work before you leave.
We'll send the sample off and it takes {#2-5} days to come back.
Keep the wound dry for {#24-48} hours and then change the dressing once a day.
No heavy lifting, nothing over {#5-20} pounds, for the next {#2-6} weeks.
Try to walk {#10-40} minutes a day, start slow, and stop if the {body} hurts.
Ice it for {#10-20} minutes, {#2-4} times a day, and keep it up on a pillow.
If you get chest pain or you can't breathe, don't call us, call 911 right away.
Do you have any questions for me?
Alright, I'll see you back in {#2-12} weeks, sooner if it doesn't settle.
That's completely normal after this kind of procedure, so please don't worry.
You're going to feel a little pinch. There we go. All done.
Good, good. And how about the other one?
Mm-hm. Go on.
I see.
Right, okay, and then what happened?
Does it wake you up at night?
And you're still taking the {drug}?
Any side effects from the {drug}?
How often do you check your sugar at home?
What does it run in the morning, roughly?
Are you up to date on your shots?
We should talk about getting you a flu shot while you're here.
Let's check your feet, can you take your socks off for me?
Have you been under more stress than usual?
Over the last {#2-4} weeks, how often have you felt down or hopeless?
Do you feel safe at home?
Good, so the {body} has a full range of motion, a little tender over the outside but no swelling that I can see, and the strength is equal on both sides.
What I'm thinking is, this could be {dis}, it could be a side effect of the {drug}, or it could just be that you're worn out, and the blood test will help us sort that out.
Looking at your numbers, the {test} is better than it was, the blood pressure's good, you've lost {#3-15} pounds, so whatever you're doing, keep doing it.
So the plan is, we keep the {drug} at {dose}, add a water pill in the morning, recheck the {test} in {#2-6} weeks, and if the swelling's still there we'll get an ultrasound.
I know it's frustrating, you've been through a lot of tests and nobody's given you an answer, but the good news is we've ruled out the scary things.
The numbness you're describing, in the thumb and the first two fingers, that's pretty classic for a pinched nerve at the wrist.
What's the main thing that's bothering you? ~ Well, it's {sym}, mostly, and I'm just so tired all the time, I can't get through the afternoon without lying down.
How long have you had it? ~ About {#2-10} {days|weeks|months}, on and off.
How long have you had it? ~ Gosh, I don't know, it's been a while. Years maybe.
Does it hurt when I press here? ~ Ow. Yes. Right there.
Does it hurt when I press here? ~ No, not really, just a bit of pressure.
On a scale of 1 to 10? ~ I'd say a {#3-9}.
On a scale of 1 to 10? ~ Right now maybe {#2-4}, but at night it's an {8|9}.
Any fever? ~ A little, it was {#99-103} {last night|yesterday}.
Any fever? ~ No fever, no, just {sym}.
Any nausea or vomiting? ~ I threw up {twice|three times} and I can't keep anything down, not even water.
Any nausea or vomiting? ~ No.
Are you taking anything for it? ~ I've been taking {drug}, like {#1-3} a day, and it helps for a couple of hours.
Are you taking anything for it? ~ Just {drug} {dose}, and a vitamin.
Do you smoke? ~ I quit {#2-20} years ago.
Do you smoke? ~ Half a pack a day, I'm trying to cut down.
Do you drink? ~ A glass of wine with dinner, two on the weekend.
Any allergies? ~ Only {drug}, it gives me hives.
Any allergies? ~ None that I know of.
What medicines do you take? ~ {drug} {dose} in the morning, {drug} at night, and a baby aspirin.
What medicines do you take? ~ Let me think, there's the {drug}, the {drug}, one for my stomach, I forget what it's called, it's a little purple one.
Have you ever had surgery? ~ I had my appendix out when I was a kid, and they fixed my {body} about {#2-20} years ago.
Family history? ~ My mother had {epo} and my dad had {dis}, he died of a stroke at {#50-85}.
Family history? ~ Both my parents had {dis}, and my brother's diabetic.
How's the {body}? ~ Better, I can walk on it, but stairs are a nightmare.
How's the sleep? ~ Terrible. I fall asleep fine and then I'm up at 3 in the morning staring at the ceiling.
Tell me about the headaches. ~ It starts behind my eye, always on the right side, and then it kind of spreads, and light makes it worse, and I have to lie in a dark room for {#2-6} hours.
Tell me about the dizziness. ~ It's when I get up, or if I turn over in bed, the whole room spins for like {#10-40} seconds and then it stops, but I feel sick after.
And the breathing? ~ I can go up one flight of stairs, that's about it, then I have to stop.
And the breathing? ~ It's worse lying down, so I sleep in the recliner.
What happened? ~ I was getting out of the shower and I slipped, and I landed on my {body}, and it swelled up like a balloon.
What happened? ~ I picked up a box, I felt something pop, and I couldn't straighten up for {#2-4} days.
When does it hurt? ~ Mostly in the morning, it takes me {#10-60} minutes to get going.
When does it hurt? ~ After I eat. Anything fried or spicy, and I'm up all night.
How's your mood? ~ Not great. I'm tired, I'm snapping at everybody, I don't want to see people.
How's your mood? ~ Pretty good, actually. The new dose is helping.
How are the sugars? ~ In the morning they run {#90-140}, after dinner it can go up to {#180-280}.
How much water do you drink? ~ Maybe {#2-8} glasses, I don't really keep track.
Any side effects? ~ My mouth is dry and I've put on {#3-12} pounds.
Any side effects? ~ I get {sym}, but it could be something else.
Is there any chance you could be pregnant? ~ No, I had my tubes tied.
How many times did you throw up? ~ {#2-9} times since {yesterday|last night}.
Has the swelling gone down? ~ A bit, my shoes fit again, but by evening they're like tree trunks.
Anything else going on? ~ My {body} has been acting up too, and I've got this spot on my back that itches.
Any trouble with the waterworks? ~ I go about {#3-6} times a night, and it's a weak stream.
How far can you walk? ~ To the end of the driveway and back.
And your appetite? ~ I'm not hungry. I have toast, some soup, that's about all.
Do you check your blood pressure? ~ I've got a cuff at home, it was {bp} this morning and {bp} after lunch.
Okay, and what colour is it? ~ Sort of greenish, sometimes brown.
I've had {sym} and {sym} for {#2-6} weeks now and nothing's helping.
It's like a tightness, not a pain exactly, more like someone's sitting on my chest.
It comes and goes. Some days I'm fine and some days I can't get out of bed.
I just want to know if it's serious.
I've been reading about it and I'm worried it's cancer.
Is it normal to have {sym} on {drug}?
Do I take it with food or on an empty stomach?
I can't feel the tips of my fingers when it's cold.
I've been {dizzy|tired|nauseous} ever since you put me on the {drug}.
My knees crack when I bend down, and the left one locks up.
It itches so bad I scratch it till it bleeds.
It burns when I pee and I have to go every {#10-30} minutes.
I coughed so hard I think I cracked a rib.
I get out of breath just making the bed.
I didn't take my {drug} {today|this morning} because I had to fast for the blood test.
The baby's not feeding well, she takes maybe {#1-3} ounces and then falls asleep.
He's had {#4-9} wet diapers, so I think he's drinking okay.
She pulls at her ear and she's been up crying all night.
He's {#2-12} and he still wets the bed, should I worry?
My daughter's {#6-17} and she's had a sore throat for {#2-5} days and now there's a rash.
My mother's {#70-88} and she keeps forgetting where she put things, she left the stove on twice.
My husband's {#50-85}, he had a heart attack {#2-10} years ago, and he won't slow down.
I'm {age} and I feel like an old man.
I've lost {#5-30} pounds and I haven't even tried.
I can hear my heartbeat in my ear when I lie down at night, it's driving me crazy.
My toenail's gone black and it smells.
When I close my hand, this finger gets stuck and I have to pull it open, and it clicks.
I stood on a nail in the garage, it went right through my shoe.
The stitches are coming apart and it's a bit red around the edges, but there's no pus.
The rash started on my stomach, then it went up to my chest and my arms, and it's not itchy but it's warm.
I had the stomach bug everyone's had, and then just when I was better it started all over again.
So I was gardening, and I bent down, and my back just went, and I've been on the heating pad ever since.
They did a scan and found a little nodule, {#3-9} millimeters, and said to come back in {#3-12} months.
You told me to cut down on salt and I have, mostly, except for the pickles.
I'm not sleeping, I'm up every {#1-3} hours, and then I'm exhausted, and then I drink coffee and my heart races.
I tried the {drug}, I tried the stretches, I tried the brace, and honestly the only thing that works is not moving.
Well, doctor, it's the same old thing, the {body}, the {body}, and now my stomach's joined in.
They gave me {drug} {dose}, then {drug}, and it knocked me out for a whole day.
My {test} was {lab} the last time and I was told to eat better, so I've been good, I've been really good.
I stopped the {drug} because it gave me {sym}, and then my pressure shot up to {bp}.
It's worse after I've been on my feet all day, and I've got one of those jobs where you can't sit.
No, no pain, just {sym}, and it's getting in the way of things.
The patient is a {#18-88} year old woman with a {#2-10} day history of {sym}, no fever, no recent travel, and no sick contacts.
He's a {#40-88} year old man with {dis} and {epo}, here for follow up, doing well on {drug} {dose} daily.
Past history is significant for {dis}, {dis}, and a remote appendectomy. No known drug allergies.
Vitals are stable, blood pressure {bp}, pulse {#60-100}, respirations {#12-22}, sat {#92-99} percent on room air.
Abdomen is soft, nontender, no masses. Extremities show trace edema, no cyanosis.
Assessment: {dis}, poorly controlled. Plan: increase {drug} to {dose} twice daily, repeat {test} in {#4-12} weeks.
She denies chest pain, palpitations, or syncope. She does report {sym}.
[ar] yeah so it's it's kind of like a like a burning, you know, right here, and then it goes down my leg
[ar] I don't I don't really know how to describe it, it's like pins and needles, but deeper
[ar] okay so so you're saying it started in the back and then and then it moved to the front
[ar] and I was like, oh, that's weird, and then it happened again, and I thought, okay, I should probably get this checked
[ar] no I mean it's not it's not the worst pain ever but it's just there all the time
[ar] mm hmm okay and and when you say dizzy do you mean lightheaded or is the room spinning
[ar] right right and did they did they do any imaging at that point
[ar] it was, I want to say, {#3-9} weeks, or maybe {#10-14}, since I had the last one
[ar] so I took one and nothing, and then I took another one and still nothing, and then around 2 in the morning it finally kicked in
[ar] he just he hasn't been himself, he doesn't eat, he doesn't want to play, he just lies on the couch
[ar] um, so, I guess the main thing is the, the fatigue, and then the joint pain, and I've also had some, some hair loss
[ar] you you might feel some pressure, okay, let me know if it's too much, almost there, almost there, okay, done
[ar] okay deep breath, again, and again, okay, and can you cough for me
[ar] I feel like I'm, like I'm walking on cotton, like the floor isn't really there
[ar] and how how much is that affecting, you know, your daily life, like getting dressed or cooking
""")

add("service", r"""
Hello?
Hi.
Yes.
No, thank you.
Okay.
That's correct.
Yeah, that's right.
Sorry, can you say that again?
One moment please.
I'll hold.
Thank you so much for your help.
No, that's everything, thanks.
I'd like to speak to a real person please.
Are you a robot?
I've been on hold for {#10-50} minutes.
Can I speak to a manager?
What time do you open?
What time do you close on {Saturdays|Sundays}?
Are you open on holidays?
Do you have parking?
How much is parking per day?
Is breakfast included?
What time is check in?
Can we check out a bit late?
Do you allow dogs?
Is there a pool, and is it heated?
I'd like a quiet room on a high floor, away from the elevator.
Could we have an extra bed for our {#3-12} year old?
The air conditioning in our room is making a loud noise.
There's no hot water in the shower.
We need {#2-6} more towels please.
The wifi keeps dropping in the lobby.
Do you have a shuttle to the airport?
How far is it to the beach?
Do you have a cheaper rate if we stay {#3-9} nights?
We'd like a room with two queens and a view if there is one.
Can I get a refund if I cancel {today|now}?
A table for {#2-8} please, as early as you can.
Do you have anything outside?
Could we have a high chair?
Is the kitchen still open?
One of us doesn't eat dairy, is that a problem?
I'd like to add {food} to my order.
Can I get {food} and {food}?
Can you make that without onions?
How long is the wait?
What's the soup {today|tonight}?
Do you do takeout?
I ordered {food} and got {food} instead.
The food was cold and the driver was {#20-60} minutes late.
Can I have the bill please?
Do you take {Visa|PayPal|Amex|cheques|contactless}?
I'd like to check my balance please.
I think someone's been using my card.
My card got swallowed by the machine.
How do I raise my limit?
Why was I charged {price}?
There's a fee of {price} on my statement and I'd like it taken off.
What's the interest rate on the savings account?
Can I get a loan for about ${#2-20},000?
How long does a transfer take?
I need to order new checks.
I forgot my password and the reset link doesn't work.
The app says something went wrong, try again later.
I can't log in on the app.
It asks me for a code but I never get the text.
I'd like to close my account.
How do I set up a direct debit?
I want to dispute a charge of {price} from {brand}.
I'd like a quote for home insurance.
Does my policy cover water damage?
What's my deductible?
How much would it be to add another driver?
My premium went up by {price} and nobody told me why.
A branch came down and cracked the windshield.
Do I need a police report for that?
When will the adjuster come out?
I have {#2-4} bags to check, how much is that?
Is there a fee to change my flight?
Is the flight on time?
We'd like three seats together if possible.
My bag is {#51-60} pounds, is that too heavy?
I'd like an aisle seat near the front please.
Can I bring a stroller on board?
My flight was delayed {#2-9} hours, do I get anything for that?
We missed our connection because the first plane was late.
My internet's been down since {yesterday|this morning}.
The picture freezes every {#2-10} minutes.
I've unplugged it and plugged it back in and the light is still red.
I pay for {#100-500} megs and I'm getting about {#5-40}.
I'd like to cancel my {brand} subscription.
How do I watch it on two TVs at once?
The remote doesn't work, I changed the batteries and everything.
Is there an outage in my area?
I was promised {price} a month and the bill is {price}.
What channel is the game on?
The sound is out of sync with the picture.
I want to downgrade to the basic plan.
Can I keep my number if I switch?
My phone fell in the sink, am I covered?
My data ran out and it's only {wd|Tuesday}.
I'd like to return a pair of shoes, they're too tight.
Do you have these in a size {#6-12}?
The box was open and one of the glasses is broken.
It said next day delivery and that was {#3-9} days ago.
Is it cheaper if I buy {#2-6}?
Do you price match?
I have a coupon for {#10-30}% off but it won't go through.
The zipper broke after {#2-3} weeks.
How long is the warranty?
I just need the receipt for my taxes.
Can you gift wrap it?
Can someone call me back?
I don't have a reference number, sorry, I deleted the email.
I'm not sure which account it is.
I don't remember the password.
I'd rather not give you that over the phone.
Do you need my card number now or later?
Hang on, let me find a pen.
Okay, go ahead, I'm ready.
Let me read that back to you.
Is there anything else I can help you with {today|this morning}? ~ No, that's it.
Is there anything else I can help you with? ~ Yes, one more thing, how do I change my address?
How can I help you? ~ I'd like to make a reservation.
How can I help you? ~ I've got a question about my bill.
How can I help you? ~ I want to complain about the service we got {last night|yesterday}.
How can I help you? ~ My order never showed up.
How many people? ~ {#2-9}.
How many people? ~ {#2-6} adults and {#2-4} kids.
How many guests will there be? ~ Just me.
How many nights? ~ {#1-9} nights.
What time would you like? ~ {Around|About} {h5-9}, if you have it.
Smoking or non smoking? ~ Non smoking please.
Cash or card? ~ Card.
Would you like it wrapped? ~ No thanks, it's fine like that.
Have you tried restarting it? ~ Yes, {twice|three times|like five times}.
What colour is the light? ~ It's orange, and it blinks {#2-4} times.
How old is the router? ~ About {#2-7} years.
What model is it? ~ It's a {brand}, the big one.
How much was it? ~ {price}.
How much was it? ~ It was {price}, and then there was a fee of {price}.
What's your name please? ~ Why do you need my name?
What's your name please? ~ I'd rather not say.
Date of birth please ~ Why do you need that?
What's your phone number? ~ I don't have a phone right now, I'm borrowing this one.
What's your phone number? ~ The same one I'm calling from.
What's your address? ~ You should already have it.
What's your address? ~ We're between places at the moment.
Can you spell that for me? ~ What, the whole thing?
And your email? ~ I don't use email.
Do you have the confirmation number? ~ No, I can't find it anywhere.
Do you have the card with you? ~ No, it's in the car.
Your account number? ~ Hold on, let me look for it.
Your account number? ~ I don't know it off the top of my head.
Is it for business or pleasure? ~ A bit of both.
Can I put you on hold? ~ Sure, no problem.
Was that fifteen or fifty? ~ Fifteen.
[ar] yeah hi um I was just wondering if you if you guys are open {today|tomorrow}
[ar] so basically what happened is I ordered it, it said delivered, and there's nothing here, I looked everywhere
[ar] I I don't understand why I have to keep explaining this to every single person I talk to
[ar] no, listen, I've already done that, I did the restart, I did the cable, I did the whole thing, and it's still not working
[ar] okay okay so what you're saying is I have to pay the {price} first and then and then you refund me
[ar] um can I can I just ask, is it is it possible to like split the payment
[ar] hello hello can you hear me you're breaking up
[ar] sorry I'm driving, I've got you on speaker
[ar] uh huh uh huh okay got it
[ar] wait what how much did you say
[ar] I mean it's fine but like it's the {third|second} time this has happened you know
[ar] and then it goes beep and then it just says error and then that's it
[w] is the pool open in the evening?
[w] whats the cheapest plan you have
[w] The app crashes every time I open the statements tab.
[w] I was charged {price} twice. Please refund one of them.
[w] ok thanks
[w] Do you ship internationally?
[w] still waiting for a reply...
[w] my order shows as delivered but its not here
[w] Could you please confirm whether breakfast is included in the rate?
[w] HELLO is anyone there
[w] We were a party of {#4-9} and waited {#30-60} minutes for our starters. Not good enough.
[w] How do I turn off notifications?
""")

add("pharmacy", r"""
Is my prescription ready?
I need a refill on my {drug}.
How many refills do I have left on the {drug}?
Can I get a 90 day supply instead of 30?
Do you have {drug} in stock?
Is there a generic for {drug}?
How much is the {drug} without insurance?
It was {price} last time, why is it {price} now?
Can I take {drug} with {drug}?
I missed a dose of {drug}, should I double up?
Should I take the {drug} in the morning or at night?
I dropped the bottle and lost about {#5-20} pills.
The pills look different, they used to be white and now they're {yellow|pink|blue}.
The {drug} makes me sleepy, can I take it before bed?
The inhaler is empty and it says no refills.
What are your hours on {Sunday|Saturday}?
Do you give flu shots without an appointment?
Can you fax my doctor for a new one?
My doctor was supposed to send it over {yesterday|this morning}.
I need the {drug} {dose}, not the {dose}.
I was given {#30-60} and I should have got {#90-120}.
It says take {#1-2} tablets every {#4-8} hours as needed.
Is it okay to drink alcohol with this?
How long can I keep the insulin out of the fridge?
My insurance won't cover the brand name.
{ins} says I need a prior authorization for the {drug}.
Do you take {ins}?
Is {ins} in network?
What's my copay for a specialist?
I'm on {ins} and I have {ins} as a secondary.
My deductible is ${#1-6},000 and I've met about half.
I got a bill and I thought my insurance covered it.
Can I set up a payment plan, like {price} a month?
Why did I get two bills for the same visit?
I was told it'd be free because it's preventive.
What's this facility fee of {price}?
It says the patient's responsibility is {price}.
Do you offer a discount if I pay in full?
I'd like an itemized bill please.
Who do I talk to about financial assistance?
How long do claims usually take?
The claim was denied as not medically necessary.
Is there an appeal form on your website?
I need a copy of the explanation of benefits.
Do I need to fast for the blood test?
How many hours do I have to fast, {#8-12}?
When will my results be back?
Can I drink coffee before the test?
What does it mean if my {test} is {lab}?
Is {lab} high for {test}?
My {test} went from {lab} to {lab}, is that good?
The lab lost my sample and now I have to do it again.
I've got bad veins so please use a small needle.
How much blood do you take?
Do you do paternity tests?
Where do I drop off the urine sample?
The collection jug leaked a bit, is that a problem?
I was supposed to collect for 24 hours and I forgot one.
The strips for my meter aren't covered any more.
Which meter do you cover now?
What do I do with my used needles?
Can my husband pick it up for me?
Do you deliver?
Is there a drive through?
Can you put it in easy open caps?
I'm out of town and I forgot my {drug}, what can I do?
The pharmacist told me to call you.
I've been taking {#2-3} a day instead of {#1-2}, so I ran out early.
It's a controlled one, so I know you can't do it early.
Can you check if it's gone through?
They said it's on back order.
Could you switch me to the liquid?
He's {#2-9} and weighs {#25-70} pounds, how much {drug} can he have?
Take one by mouth twice daily for {#5-14} days, finish all of it.
{drug} {dose}, one tablet at bedtime, dispense {#30-90}, {#1-5} refills.
Give {#2-3} puffs every {#4-6} hours as needed for wheezing.
Apply a thin layer to the affected area {twice|three times} a day.
Sliding scale: {#2-4} units over 150, {#5-8} over 200, and call if it's over 300.
Your total {today|with tax} is {price}.
It'll be about {#10-45} minutes, you can wait over there.
It's ready when you are.
It's too soon to refill, you've got {#5-15} days left.
We've only got {#10-40} in stock, I can give you those and owe you the rest.
Did you have any questions for the pharmacist? ~ No, I've taken it before.
Did you have any questions for the pharmacist? ~ Yes, can I take it with {drug}?
Which medication? ~ {drug}.
Which medication? ~ The {drug}, {dose}.
Which medication? ~ The little round one for my blood pressure.
What strength? ~ {dose}.
What strength? ~ I think it's {dose}, the bottle's at home.
How many do you have left? ~ {#2-9}.
How many do you have left? ~ Enough for {#2-6} days.
How often do you take it? ~ {Once|Twice} a day.
How often do you take it? ~ Every {#4-12} hours, when I remember.
Prescription number? ~ I don't have the bottle with me.
Member ID? ~ I left my card at home.
Who is your insurance with? ~ {ins}.
Who is your insurance with? ~ It's {ins}, the silver plan.
Who is your insurance with? ~ I don't have any right now, I'm paying cash.
How much would you like to pay? ~ Can I do {price} now and the rest next month?
How much would you like to pay? ~ {price}.
What was the reading? ~ {bp}.
What was the reading? ~ It was {#60-350} before breakfast.
What was your last {test}? ~ {lab}, I think.
Any allergies to medication? ~ {drug} and {drug}.
When did you last take it? ~ About {#2-6} hours ago.
[ar] yeah I I just got a text saying it's ready and then I came in and they said it's not
[ar] so you're telling me the insurance paid {price} and I still owe {price}, that doesn't make any sense
[ar] um it's the, the pink one, no, the, it starts with an M, I think
[ar] okay so one in the morning, one at night, and and not with grapefruit, got it
[ar] I can't I can't afford that, it was {price} last month, is there is there a coupon or something
[w] refill on {drug} {dose} please
[w] is {drug} ok while breastfeeding
[w] Why was my claim denied?
[w] {test} {lab}, {test} {lab}, all others WNL
[w] Do you accept {ins} PPO?
""")

add("talk", r"""
Hi, I'd like to make an appointment.
Hello, I need to see somebody about {sym}.
I'd like to come in for a check up.
Can I get in to see {dr} this week?
Is {dr} in {today|tomorrow}?
I need to cancel my appointment.
I need to move my appointment, something's come up.
Do you have anything earlier?
Anything in the afternoon would be great.
I can't do mornings, I work nights.
Do you have anything on {Monday|Thursday} after {h2-5}?
What about {Tuesday|Friday} at {h9-11}?
The earlier the better.
That works for me.
Perfect, thank you.
No, that's too late.
Could I have a telephone appointment instead?
Can I do a video visit?
I'm a new patient, are you taking new patients?
Do I need a referral?
How long will the appointment take?
I'm running a few minutes late.
I'm outside, where do I go?
What floor are you on?
Is there a bus that stops near you?
Do you have a ramp? I'm in a wheelchair.
I need an interpreter please.
Can you speak up? I'm a bit hard of hearing.
You sound very young.
Oh, I thought I was talking to a machine.
Could I leave a message for the nurse?
Can {nurse} call me back?
I'm calling to get my test results.
Did the doctor get my message?
Nobody called me back.
I've called {#2-5} times this week.
I've been waiting {#3-8} weeks for this referral.
I need a letter for my {work|school|landlord}.
I need a sick note, I've been off for {#3-9} days.
I need my records sent to another doctor.
I want to see a woman doctor if possible.
My {son|daughter|husband|wife|mother} has {sym}, what should I do?
My {son|daughter} won't stop crying and I don't know what to do.
My {husband|wife} can't get out of bed, should I call an ambulance?
My mother fell and hit her head, but she says she's fine.
He's been throwing up all night.
I think I'm having a reaction to the {drug}.
I think I broke my {body}.
I burned my hand on the oven.
I cut myself and it won't stop bleeding.
The dog bit me, it's not deep.
I've got {sym} and I can't sleep.
I feel awful.
I feel a bit better {today|this morning}.
I'm scared.
I don't want to bother anybody.
I don't know if it's an emergency or not.
Should I go to the emergency room?
Do I have to call 911?
I called 988 {last night|yesterday} and they told me to call you.
I'm feeling really low and I don't know who to talk to.
Everything hurts.
He's not breathing right.
She's turning blue around the lips.
I'm alone and I'm having chest pain.
I took too many pills.
It's probably nothing, but I thought I'd ask.
My neighbor said I should call you.
My sister had the same thing and it turned out to be {dis}.
My friend told me it could be {epo}.
I looked it up on the internet and now I'm worried.
The kids are fine, it's just me.
We've got a new baby, so nobody's sleeping.
Work's been crazy, I just haven't had time.
I was a nurse for {#10-40} years, so I know what I'm talking about.
My back's been killing me since the move.
I'm on my lunch break, so I've only got {#5-20} minutes.
I'm in the car, can you talk to me quickly?
Sorry, the dog's barking.
Sorry, I have to get the door.
Wait, let me turn the TV down.
Let me put my glasses on.
Let me get a pen.
I'm looking for it, bear with me.
It's in my other bag.
I can't hear you very well.
You're breaking up.
Are you still there?
Yes, I'm here.
Huh?
What did you say?
I beg your pardon?
Uh huh.
Yeah, go ahead.
Not that I know of.
I'm not sure.
I don't think so.
Yes please.
No, never.
Sometimes.
Just a little.
Same as always.
It depends.
Good, and you?
I'm fine, thanks for asking.
Have a nice day.
Bye now.
Take care, bye.
Thanks, you too.
You've been very kind.
That's a relief.
Oh dear.
Oh my goodness.
Never mind.
Forget it, I'll call back later.
I'll call back when I've got the card in front of me.
I'd like to complain about the way I was spoken to at the desk.
The waiting room was freezing and there were no chairs.
The doctor was lovely, I just want to say that.
Is there a charge if I don't show up?
Do you have my chart there?
Is it alright if my husband comes in with me?
He doesn't like needles, just so you know.
She's scared of doctors.
Can you tell me what I'm supposed to bring?
Do I need to bring my old scans?
Do I come in through the main door or the side?
What brings you in? ~ I've been having {sym}.
What's the reason for the visit? ~ It's just a check up.
What's the reason for the visit? ~ {sym}, mostly at night.
Is this an emergency? ~ No, I don't think so.
Is this an emergency? ~ Well, I've had chest pain for {#10-50} minutes, so I don't know.
Have you been here before? ~ Yes, {once|a few times}.
Have you been here before? ~ No, it's my first time.
Which doctor do you usually see? ~ {dr}.
Which doctor do you usually see? ~ I can't remember, a tall guy with a beard.
Which doctor do you usually see? ~ Whoever's free.
Morning or afternoon? ~ Morning's better.
Morning or afternoon? ~ I don't mind.
Would {Monday|Wednesday} at {h2-4} work? ~ Yes, that's fine.
Would {Monday|Wednesday} at {h2-4} work? ~ No, I pick up the kids at {h3-5}.
How old are you? ~ {age}.
How old are you? ~ I'm {age}.
How old is your child? ~ {#2-17}.
How old is your child? ~ She's {#2-11} months.
How old is your mother? ~ She's {#60-88}, but she's in good shape.
Are you the patient? ~ Yes.
Are you the patient? ~ No, I'm calling for my father.
Who's calling? ~ It's about my bill.
Can I have your name? ~ Sorry, what?
Can I have your name? ~ I gave it to the other girl already.
And your date of birth? ~ Do you need the year as well?
And your date of birth? ~ Sure, one second.
Are you okay to hold? ~ Yes.
What symptoms do you have? ~ {sym}, {sym}, and I'm tired.
What symptoms do you have? ~ It started with {sym} and now it's {sym}.
How long have you been waiting? ~ {#20-90} minutes.
Does anyone help you at home? ~ My daughter comes by most days and does the shopping.
Does anyone help you at home? ~ No, I live on my own, but I manage.
Do you have a ride? ~ Yes, my son's driving me.
What kind of work do you do? ~ I'm a plumber.
What kind of work do you do? ~ I work in an office, I sit all day.
What kind of work do you do? ~ I'm retired.
Are you married? ~ Divorced.
Any children? ~ {#2-5}, all grown up.
Would you like a reminder? ~ Yes, a text is fine.
[ar] hi yes um I was I was hoping to get in {today|tomorrow} if there's any any openings
[ar] so um my my son has a has a fever and he's he's been kind of lethargic
[ar] I just I don't know what to do anymore, I've tried everything
[ar] yeah no yeah that's fine, that's totally fine
[ar] um okay so so I just I just come in or do I have to call first
[ar] oh sorry I I thought you were finished, go on
[ar] I called {yesterday|earlier} and the lady said somebody would ring me and nobody did, so I'm ringing again
[ar] so what happened was I was going down the stairs with the laundry and I missed the last step and I heard a crack, so I don't know if it's broken or what, but I can't put any weight on it
[ar] I've got the, what do you call it, the thing, the form, from the insurance, and I don't know where to send it
[ar] he won't he won't take it, he spits it right out, I've tried it with juice, with yogurt, nothing
[ar] can can you hear me now, hello, okay good
[ar] it was fine and then it wasn't fine, that's that's all I can tell you
[ar] well, you know, I'm not getting any younger, and things start to fall apart, so I figured I'd better get it looked at before it gets worse
[w] Can I book online?
[w] Do you have any openings this week?
[w] hi, i need to reschedule
[w] Is the clinic open on {Saturday|Sunday}?
[w] i have had {sym} for {#3-9} days, do i need to be seen
[w] Thank you for the quick response!
[w] I submitted the form but got no confirmation.
[w] Please stop sending me reminders.
""")

add("hard", r"""
I may need a new prescription.
May I ask who decided that?
It may or may not be related to the {drug}.
I will call you back later.
Will it hurt?
My will is with the lawyer.
Her fever rose to {#101-104} overnight.
My sugar rose after the {drug}.
I smell like a rose after that bath.
I bank with Chase.
I had to chase the bus and now my {body} hurts.
There's a red mark on my arm that won't go away.
Mark it as urgent please.
We're at the halfway mark with the treatment.
Grace period is {#10-30} days, right?
I'm losing hope that it'll get better.
It was a joy to be out of the hospital.
In the summer my asthma's fine.
Every autumn my allergies come back.
I'll be frank with you, I don't take them.
Can you bill me later?
I dropped my pen and my back went out.
The nurse drew blood twice.
I wake up at dawn every day.
I get a rash from poison ivy.
I had a penny stuck in my throat as a kid.
He swallowed a penny.
A ray of hope, that's what the new pills are.
Miles and miles of walking, that's what did it.
I run {#3-10} miles a day.
The pain is like a pierce, right through.
I can't stand on the sandy floor in bare feet.
I'm a guy who never gets sick.
I pat it dry and put the cream on.
Could you sue them for that?
Just the norm, nothing special.
I had a long day.
It's a short list of medicines.
I'm too young for this.
My white count was {lab}.
He turned green and then he threw up.
Cook it well, that's what they told me.
I drink black coffee, no sugar.
It was on the news, the king had the same thing.
I eat rice and beans.
The stone was {#3-9} millimeters.
I park in the back usually.
It's swollen on the west side of the scar, if that makes sense.
It was a north facing room, so it was cold.
I have {epo}.
My mother had {epo} and I'm worried about my memory.
They tested me for {epo} and it was negative.
Is {epo} hereditary?
I was told it's either {epo} or {dis}.
It's not {epo}, thank God.
I have a Baker's cyst behind my knee.
They put in a Foley catheter and it hurts.
I had a Pap smear and a Dexa scan.
He's got a Wilms tumor, they took it out.
They used a Hickman line for the chemo.
It's an Achilles tendon thing.
I take St. John's wort for my mood.
Can you do the Epley maneuver?
My Apgar was bad when I was born, my mother says.
I'm on the Atkins diet.
He has Down syndrome and a heart murmur.
My Glasgow score was fine, they said.
They did the Heimlich on him.
The Pfizer one, not the Moderna.
I take {drug} {dose} and {drug} {dose}.
I take {dose} of {drug} every {#6-12} hours.
It's {#2-4} tablets of {dose} each.
I was on {dose} and they put me up to {dose}.
I give myself {#8-40} units of insulin at night.
My {test} is {lab}.
My {test} was {lab} and the other one was {lab}.
Blood pressure {bp}, pulse {#55-110}.
My pressure was {bp} at the fair.
It's {#95-104}.{#0-9} degrees.
I weigh {#110-290} pounds.
I'm {5|6} foot {#1-11} and {#120-260} pounds.
I've lost {#10-60} pounds in {#3-12} months.
He weighs {#3-12} pounds {#1-15} ounces.
My sugar was {#200-450} this morning.
Sats are {#86-99} on {#2-6} liters.
I waited {#90-99} minutes.
It cost me {price}.
It was {price} plus tax.
They quoted {price} for the crown and {price} for the filling.
I've had {#90-120} pills since then.
The speed limit's {#25-65} there.
I walked {#2-12},000 steps.
I've been married {#20-60} years.
It's been {#3-11} months since I had a drink.
I was in there for {#6-14} hours.
I gave up after {#3-20} tries.
The heart rate went up to {#95-180}.
I slept {#3-9} hours.
There were {#20-99} people ahead of me in the queue.
About {#90-98} percent of the time it's fine.
The temperature outside is {#90-104}.
My cholesterol's {#150-290} and the good one is {#30-80}.
I have 20/20 vision.
Give it 24/7 support.
The first one's fine, it's the second one that hurts.
I'm on page {#2-9} of the form.
It's the third time this month.
I live on the {2nd|3rd|4th} floor and there's no elevator.
I came in first, then second, then I stopped running.
I had it at Christmas and it came back at Easter.
Are you open on Thanksgiving?
It was like New Year's Eve in there.
I always get sick around Halloween.
Happy Easter to you too.
I shop at {brand}.
I saw it on {brand}.
I drive a {brand}.
My {brand} app isn't working.
I bought the cream at {brand}.
I've got {brand} and {brand} on the card.
Is there a {brand} near you?
I've got {ins} and my wife's on {ins}.
Does {ins} pay for {drug}?
I switched from {ins} to {ins}.
I had Chinese for dinner and now I've got {sym}.
I ate a Caesar salad and got sick.
We had Philly cheesesteaks and I've had {sym} ever since.
I only speak Spanish, is there somebody?
I need the Danish version of the form.
I take the Boston cream donut, that's why my sugar's high.
I ate too many Brussels sprouts.
Is it like Legionnaires' or something?
I had German measles as a child.
I've got the Hong Kong flu or something.
It's a West Nile thing, from mosquitoes.
I want the Virginia ham and a coffee.
I call 911 every time, and they know me.
Text 988 if you need someone.
It's a code red, they said on the speaker.
I'm blood type {A|B|O} positive.
I need vitamin B12, D3, and K2.
My L4 and L5 discs are bad.
The T2 scan was clear.
I wear a size {#8-14}.
It's channel {#2-60}.
It's version {#10-18}.{#0-9}.
Windows 11 keeps updating.
I have {#2-5} kids and {#3-9} grandkids.
One two three, can you hear me?
It's a two by four that hit me.
A to Z, I've tried everything.
You need to press 1 and then 2.
I pressed {#1-9} and it hung up on me.
It's 50 50 whether it works.
My appointment's in {#2-6} weeks.
They took {#4-12} vials.
I was number {#12-89} in the line.
How old are you? ~ {#60-89}.
How old was she? ~ She was {#70-89} when she died.
What was your reading? ~ {#90-180}.
How much do you weigh? ~ {#100-280}.
How many have you taken? ~ {#2-9}, no, {#2-9}.
What's your pain level? ~ {#1-9}.
How much is it? ~ {price}, or {price} with the card.
How long is the wait? ~ {#90-120} minutes.
How fast was your pulse? ~ {#90-180}.
How much did you drink? ~ {#2-9} beers.
What's the dose? ~ {dose}.
What's the dose? ~ {dose}, {twice|three times} a day.
Temperature? ~ {#97-103}.{#0-9}.
""")

# longer turns
add("consult", r"""
Okay so what we're going to do is, I'm going to send you for an ultrasound of the {body}, and while we're waiting for that I want you to keep taking the {drug}, {dose}, twice a day, with food, and if you notice {sym} or anything that's just not right, you call the office and they'll get hold of me, alright?
Well, it started as {sym}, and I didn't think anything of it because we'd all had a cold, but then it got worse and worse, and by the end of the week I couldn't sleep, I couldn't eat, I had {sym}, and my wife said you have to go and see somebody about that.
So the pain is sharp, it's on the right, under the ribs, and it goes through to the back, it comes on about {#20-60} minutes after I eat, lasts an hour or two, and then I feel sick and bloated and I have to lie on my side with my knees up.
I've got the {dis}, I've got the {dis}, they took me off {drug} because of my kidneys and put me on {drug}, and ever since then I've had {sym} and my mouth's so dry I can't swallow a cracker, so I want to know if we can change it back.
I'd say I sleep {#3-5} hours, if that. I go to bed at a normal time, I read a bit, I turn the light off, and then my legs start, they just have to move, and I get up and walk around the kitchen, and then it's nearly light and I have to get ready for work.
The cough is mostly at night and first thing in the morning, there's a bit of yellow stuff, no blood, I'm wheezy when I climb the stairs, my chest is tight, and I've used the blue inhaler maybe {#4-10} times since {yesterday|last night}, which is a lot for me.
Let me explain what the scan shows. There's some narrowing between the bones in your lower back, and a disc that's bulging a little, and it's touching the nerve that runs down your leg, which is why you feel it in your foot. Most people get better without surgery, so we'll start with exercises.
He was fine at breakfast, he had his cereal and everything, and then he said his tummy hurt, and an hour later he was white as a sheet, he threw up {#2-5} times, and now he's just lying there and he doesn't want his tablet, which is not like him at all.
With this medicine you want to start low, so {dose} for the first week, then we double it, and you may get {sym} in the beginning but that usually goes away, and please don't stop it all of a sudden, and no alcohol, and no grapefruit, and drink plenty of water.
It's not just the knees, it's everything, it's the hands in the morning, I can't open a jar, I can't do my buttons up, it takes an hour for them to loosen, and by then I'm late, and the {drug} helps a bit but it's murder on my stomach.
Since the operation I've been constipated, I've got no energy, the scar pulls when I stand up straight, the left side is numb to the touch, and there's a bit of clear fluid on the dressing, not much, about the size of a coin, and it doesn't smell.
Your bad cholesterol is {#110-190}, the good one is {#30-60}, triglycerides are {#150-400}, your A1C is {#6-9}.{#0-9}, and with your father's heart attack at {#45-65} I'd feel better if we started a statin, just a low dose, and checked your liver in {#6-12} weeks.
I've had these headaches since I was a teenager, but these are different, they wake me up, they're at the back of my head, I feel sick with them, my vision goes funny on the left, and twice I couldn't find my words, so my husband made me come in.
On exam she's alert and in no distress, pupils equal and reactive, neck supple, lungs clear, heart regular without murmurs, abdomen soft, mild tenderness in the right lower quadrant, no rebound, extremities warm, reflexes {2|two} plus and equal on both sides.
I've been checking it at home like you said, before breakfast and after supper, and it's all over the place, it was {bp} and then {bp} and then one time it was {bp} and I nearly went to the emergency room, but I sat down for {#10-30} minutes and it came down.
[ar] so um it's it's been going on for for a couple of months I guess and and at first it was just, just when I, you know, lifted my arm up, like to get something off the shelf, and now it's it's all the time, I can't sleep on that side, I can't, I can't even put my coat on
[ar] okay so let me let me just make sure I've got this right, you've had the the cough for {#2-6} weeks, it was dry and now it's now it's productive, no fever, you've you've lost a bit of weight but you weren't trying to, and and you used to smoke but you quit, is that is that right
[ar] I get up in the morning and I'm I'm already tired, like I haven't slept, and then then my joints, um, my fingers mostly and my and my knees, they're they're stiff for like an hour, and I get these, um, these sores in my mouth, and my hair, my hair's coming out in the shower
[ar] no so the the first one, the {drug}, that made me gain weight, and then, and then the second one I couldn't, I couldn't sleep at all, and and the third one, I don't remember what it was, but that gave me {sym}, so so I'm I'm a little nervous about trying another one
""")

add("service", r"""
Look, I booked this {#2-5} months ago, I paid in full, I got a confirmation, and now I turn up after {#6-14} hours of traveling and you tell me there's no room, and the only thing you can offer me is a place down the road with no breakfast, and you want {price} more for it?
So the way it works is, you pay {price} a month for the first year, then it goes up to {price}, there's no contract, you can cancel whenever you like, and if you add the sports package {today|now} we'll take {#10-30} percent off and send you the box for free.
I put the card in, it said processing, it didn't give me any money, it kept the card, and then I looked at the app and it says {price} was taken out, so I've got no cash, no card, and I'm standing here with two kids and a trolley full of shopping.
First the picture breaks up into little squares, then the sound goes, then it comes back for about {#10-50} seconds, and then the whole thing turns off by itself, and I've changed the cable, I've moved the box, I've done everything the website says.
""")

add("talk", r"""
Hi, this message is for {name}. This is {sfn} calling from {clinic} to remind you of your visit on {md} at {time}. Please bring your insurance card and a list of your medicines, and if you can't make it, call us at {phone}.
So {rfn}, that's my oldest, she was driving, and {kfn} was in the back with the baby, and this truck from {emp} came out of {stname} without stopping and hit us right in the side, and we've all got sore necks, and the baby hasn't stopped crying since.
My name's {fn} {ln}, I'm calling about my father, {rname}, he's {age90}, he lives at {street} with my sister {kfn}, he's diabetic, he fell on {md} and he hasn't been himself, he's confused, he called me by my mother's name, and I'm {#2-6} hours away in {city}.
Okay so I've got {kfn} {today|this week}, {rfn}'s got him on the weekend, and neither of us knew that he was supposed to have the second shot on {md}, so I need you to tell me whether he can still have it, and can you put both numbers on file, mine's {phone}.
I used to work at {emp} in {city}, in the paint shop, from {my} until they shut it, no masks or anything, and two of the lads I worked with, {kname} and another one, they've both got it on their lungs now.
""")

# ---------------------------------------------------------------- the set
# cases per style: (area, holds PHI) -> quota
QUOTA = {("identity", True): 190, ("talk", True): 110, ("service", True): 82, ("pharmacy", True): 48, ("consult", True): 20,
         ("consult", False): 165, ("service", False): 140, ("talk", False): 110, ("pharmacy", False): 66, ("hard", False): 69}
STYLES = ["written", "asr", "asr_raw"]
PHI_SLOT = re.compile(r"[{<](?:fn|ln|name|lnfn|spell\w?|r(?:fn|ln|name)|k(?:fn|ln|name)|init|r?tname|emp|dobm?|cdob|mdy?|mdy|my|day|dnum|mon|age90|ph\w+|p[234]|ext|street|stname|pobox|hno|unit|city|home|county|zip|pc|post|addr|r?email|euser|edom|url|ip|mem|grp|ssn4?|card4?|d[23456]|acct|sort|claim|rx|mrn|nhs|ni|pol|ref|order|track|plate|lic|serial|pin|login|vin)2?[}>]")


def keys_of(c):
    n = lambda x: re.sub(r"\W+", " ", x.lower()).strip()
    return [(n(c["text"]), n(c["prev"])), (n(c["text"]), n(c["prev"]), c["style"]), (c["text"], c["prev"], "")]


def build():
    r = random.Random(SEED)
    seen, used, cases = set(), collections.Counter(), []
    for i, f in enumerate(FRAMES):
        f["no"], f["phi"] = i, bool(PHI_SLOT.search(f["text"]))
    stats = collections.Counter()
    for (area, phi), quota in QUOTA.items():
        group = [f for f in FRAMES if f["area"] == area and f["phi"] == phi]
        left = {s: quota for s in STYLES}
        # the styles in turn, the least used frame first
        while any(left.values()):
            for s in STYLES:
                if not left[s]:
                    continue
                c = "w" if s == "written" else "a" if s == "asr" else "r"
                cand = [f for f in group if c in f["styles"] and used[f["no"]] < 3 and s not in f.get("did", ())]
                if not cand:
                    raise SystemExit("too few frames for %s %s %s" % (area, phi, s))
                low = min(used[f["no"]] for f in cand)
                cand = [f for f in cand if used[f["no"]] == low]
                tight = [f for f in cand if len(f["styles"]) < 3]
                f = pick(r, tight or cand)
                for attempt in range(16):
                    case, heard, bare = render(f, s, r)
                    # the same words twice only if nothing else is to be had, and then never twice in one style or letter for letter
                    keys = keys_of(dict(case, style=s))
                    req = any(not x.get("optional") for x in case["spans"])
                    if not seen & set(keys[(0 if attempt < 9 else 1):]) and req == phi and case["text"] and len(case["text"].split()) <= 60:
                        break
                else:
                    used[f["no"]] = 9
                    continue
                seen |= set(keys)
                used[f["no"]] += 1
                f.setdefault("did", set()).add(s)
                left[s] -= 1
                stats["heard", s] += heard
                stats["bare", s] += bare
                stats["frames", phi, f["no"]] = 1
                cases.append(dict(prev=case["prev"], text=case["text"], spans=case["spans"], style=s, source="unseen2-" + area))
    r.shuffle(cases)
    cases.sort(key=lambda c: STYLES.index(c["style"]))
    out = [dict(id="u2-%s-%04d" % (c["style"], i), **c) for i, c in enumerate(cases)]
    return out, stats


# ---------------------------------------------------------------- check of the written file
def check(cases):
    bad = []
    say = lambda c, what: bad.append("%s: %s" % (c["id"], what))
    rare = set()
    for line in PEOPLE:
        a, b = line.split("#")
        rare |= set(a.lower().split()) | {w for w in b.lower().split() if len(w) > 3}
    rare -= {"long", "battle", "sari", "kuhn", "dakota", "minh", "dang", "bridge", "bono", "mele", "siti", "cruz", "santos", "berg", "barry", "lam", "yaw", "todd", "duc", "owen", "case"}
    towns = {c.lower() for c, _ in US_CITIES + UK_CITIES} | {c.lower() for c in OTHER_CITIES}
    towns -= {"reading", "orange", "normal", "surprise", "enterprise", "independence", "sandy", "mobile", "bath", "sale", "bury", "buffalo", "boston", "lima", "troy", "sparks", "truro", "hamilton"}
    months = [m.lower() for m in MONTHS if m not in ("May", "March")]
    seen, ids = set(), set()
    for c in cases:
        t = c["text"]
        if c["id"] in ids:
            say(c, "id twice")
        ids.add(c["id"])
        k = set(keys_of(c)[1:])
        if seen & k:
            say(c, "text twice")
        seen |= k
        if re.search("[" + MARK + "{}<>]", t + c["prev"]):
            say(c, "markup left")
        if t != t.strip() or "  " in t:
            say(c, "spaces")
        if c["style"] == "asr_raw" and re.search(r"[^a-z' ]", t + c["prev"]):
            say(c, "raw holds more than letters: " + t)
        end = 0
        cover = [False] * len(t)
        for s in c["spans"]:
            x = t[s["start"]:s["end"]]
            if s["start"] < end:
                say(c, "overlap")
            end = s["end"]
            for i in range(s["start"], s["end"]):
                cover[i] = True
            if not x or x[0] in " ,.;:?!'" and not re.match(r"'\d\d", x) or x[-1] in " ,;:?!":
                say(c, "border of %r" % x)
            if x[-1:] == "." and not re.search(r"(?:\b[A-Z]|Mrs?|Ms|Dr|[AaPp]\.[Mm])\.$", x, re.I):
                say(c, "border of %r" % x)
            if s["start"] and t[s["start"] - 1].isalnum() or s["end"] < len(t) and t[s["end"]].isalnum():
                say(c, "cut word at %r" % x)
            digits = bool(re.search(r"\d", x)) or any(w in NUMW for w in x.lower().split())
            L = s["label"]
            if L in ("PHONE", "AGE90", "IP") and not digits:
                say(c, "%s without a number: %r" % (L, x))
            if L == "DATE" and not s.get("optional") and not digits and not re.search("|".join(MONTHS).lower() + r"|st\b|th\b|fir|sec|thi|ieth", x.lower()):
                say(c, "odd date %r" % x)
            if L == "NAME" and re.search(r"\d", x):
                say(c, "odd name %r" % x)
            if L == "EMAIL" and c["style"] == "written" and "@" not in x and not re.fullmatch(r"[a-z]+\d+|[a-z.]+", x.lower()):
                say(c, "odd e-mail %r" % x)
        rest = "".join(" " if v else ch for v, ch in zip(cover, t)).lower()
        for w in re.findall(r"[a-z][a-z'-]+", rest):
            if w in rare or w.replace("'s", "") in rare:
                say(c, "bare name %r in %r" % (w, t))
            if w in months:
                say(c, "bare month %r" % t)
        for w in towns:
            if re.search(r"\b" + re.escape(w) + r"\b", rest):
                say(c, "bare town %r in %r" % (w, t))
        if re.search(r"\d{5,}|\d{3}-\d{3,}|\w@|www", rest.replace(",", "")) and not re.search(r"\$\d+,|,000", t):
            say(c, "bare number %r" % t)
        if re.search(r"\b(?:is|turned|she's|he's|i'm|aged?) (?:9\d|10\d)\b(?! ?(?:%|percent|minutes|over|pounds))", rest) and not re.search("oxygen|creatinine|outside|pressure|ferritin|cholesterol|sodium|platelet|sugar|ldl", rest):
            say(c, "age? %r" % t)
        if re.search(r"\b(?:may|march) (?:the )?\d", rest):
            say(c, "month? %r" % t)
    return bad


NUMW = set(ONES + TENS + ["hundred", "thousand", "oh", "double", "triple", "to", "for", "ate", "won", "free", "fife", "nein", "sicks", "owe", "o", "tan", "too", "zeros"]) | set(ORD.values())


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(here, "fresh.jsonl")
    if "--check" in sys.argv:
        cases = [json.loads(l) for l in open(path, encoding="utf-8")]
        bad = check(cases)
        print("\n".join(bad[:60]))
        print("%d cases, %d faults" % (len(cases), len(bad)))
        return 1 if bad else 0
    cases, stats = build()
    with open(path, "w", encoding="utf-8") as fh:
        for c in cases:
            fh.write(json.dumps(c, ensure_ascii=False, separators=(",", ":")) + "\n")
    phi = sum(any(not s.get("optional") for s in c["spans"]) for c in cases)
    print("cases", len(cases), "with PHI", phi, "frames with PHI", sum(1 for k in stats if k[0] == "frames" and k[1]), "without", sum(1 for k in stats if k[0] == "frames" and not k[1]))
    print({" ".join(map(str, k)): v for k, v in stats.items() if k[0] != "frames"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
