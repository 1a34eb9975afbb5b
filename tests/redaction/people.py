#!/usr/bin/env python3
"""Writes people.jsonl beside this file: 1,600 telephone cases about names, places, employers and ages (asr 800, asr_raw 500, written 300).
Standard library, fixed seed. The half whose "read" is false is measured in totals only: see README.md.
Frame markup: {slot} (see SLOTS), {slot#k} = same filler again, [L:text] literal span; L = N name, A address, E employer, 9 age,
D date, M email, P phone, I id; small letter = optional; #12 = number; prev || text."""
import hashlib, json, os, random, re, sys
R = random.Random(20417)
# origin: given names | family names
NAMES = {
'us': ("Tyler Brittany Dustin Kaylee Wyatt Shelby Earl Loretta Darnell Latoya Tanisha Deshawn Marquise Keisha Jamal Ebony Bobbie_Jo Billy_Ray Mary_Beth Vernon Opal Tim Sue Carl Nadine Kyle Heather Gladys Roscoe Odell Bernice Lavonne Trevor Madison Aubrey Zane Paisley Braxton",
  "Hutchins Stallworth McAfee Pruitt Gaither Tolliver Boudreaux Fontenot Thibodeaux Whisenhunt Ledbetter Culpepper Satterfield Broussard Dillard Yarbrough Hargrove Witherspoon Beauchamp Crabtree Loftin Merriweather Pettigrew Swafford Hollis Vickers Tubbs Oglesby"),
'hisp': ("Xiomara Guadalupe Ximena Rigoberto Eusebio Itzel Yesenia Araceli Heriberto Lazaro Marisol Socorro Refugio Anselmo Noemi Jesus Concepcion Citlali Evaristo Maritza Leocadia Wilmer Yadira Domingo Luz Chuy Nereida Obdulia",
  "Villalobos Zepeda Cienfuegos Ocampo Arreola Quintanilla Echeverria Barragan Montemayor Escamilla Tovar Urrutia Saldivar Delacruz De_La_Torre Bustamante Carrasquillo Feliciano Ybarra Zamudio Benavides Ahumada Xicotencatl"),
'india': ("Amara Lakshmi Raghunath Sushmita Jaspreet Harpreet Gurdeep Venkatesh Anjali Parvati Devansh Ishaan Meenakshi Thirumalai Subramaniam Kavya Nandini Mohandas Bhavesh Jignesh Falguni Shalini Rupinder Aparna Soumya Debashish",
  "Venkataraman Krishnamurthy Chakraborty Bhattacharya Mukhopadhyay Dhillon Sandhu Gopalakrishnan Patwardhan Deshpande Iyengar Nambiar Pillai Reddy Chaudhuri Vaidyanathan Trivedi Jhaveri Kulkarni Ramaswamy Bhatt Mehrotra"),
'china': ("Xiaoming Yuhan Zhiwei Jingyi Meiling Guozhen Qiaolian Haoran Weiguo Xiulan Lifen Zixuan Chunhua Yanping Baozhu Shufen", "Zhang Ouyang Zheng Xu Qiu Huang Xiao Zhao Shen Cai Feng Liang Deng Tsui Kwok Leung Szeto Hsieh"),
'viet': ("Thuy Nguyet Quang Phuong Trang Duc Bao Linh Hien Khanh Tuyet Minh Huong Dung Loan Tien Anh_Thu Hoang", "Nguyen Tran Pham Huynh Truong Dang Bui Ngo Vuong Luong Dinh Trinh Doan Quach"),
'phil': ("Rosalinda Bayani Dalisay Jomar Marivic Ligaya Reynaldo Maricel Arnel Cherry_Ann Luzviminda Rodel Imelda Jhun Analyn Dodong", "Macaraeg Dimaculangan Batungbakal Magsaysay Pangilinan Catacutan Manalo Lacsamana Sumulong Dimaandal Bautista Tolentino Abad Gatchalian"),
'arab': ("Fatimah Abdulrahman Zaynab Khalid Nizar Rania Hussam Layla Mustafa Suhaila Tariq Ghassan Hanan Yusra Bassam Wafa Ibtisam Marwan Najwa Abdelkader", "Al-Masri Haddad El-Sayed Khoury Abu-Rashid Al-Jabouri Mansour Nasrallah Qasim Shaheen Benali Bouzid El_Amrani Darwish Sabbagh Al-Harbi"),
'wafr': ("Chinedu Adaeze Oluwaseun Folasade Kwabena Akosua Mamadou Aissatou Ousmane Ngozi Emeka Yetunde Babatunde Kofi Ama Fatoumata Ikechukwu Temitope Kwaku Binta", "Okonkwo Adebayo Nwachukwu Oyelaran Boateng Mensah Diallo Traore Ouedraogo Onyekachi Eze Sarpong Asante Koroma Kamara Ogunleye Uzoma Sesay"),
'ethi': ("Tigist Haile Selamawit Abebe Yohannes Meseret Bekele Hirut Girma Almaz Tesfaye Genet Dawit Senait Mulugeta", "Gebremariam Woldemichael Tadesse Kidane Habtemariam Wondimu Asfaw Negash Tekle Berhane Zewdie Ghebreselassie"),
'eafr': ("Wanjiku Kiplagat Achieng Ayaan Hodan Abdirahman Nakato Mbali Thandiwe Sipho Tendai Chipo Nyokabi Ifrah", "Mwangi Odhiambo Warsame Kariuki Ssempijja Dlamini Mkhize Moyo Chikowore Farah Jama Tembo"),
'slav': ("Oskar Zbigniew Agnieszka Wojciech Svetlana Yevgeny Bohdan Oksana Dragana Milorad Zdenka Vaclav Lyudmila Grazyna Branimir Radmila Ivana Taras Halyna Miroslav", "Kowalski Wisniewski Szczepanski Kowalczyk Przybylski Dvorak Novotny Petrovic Jovanovic Shevchenko Kuznetsov Bondarenko Zielinski Hrdlicka Radulovic Stojkovic Krzyzewski Yurchenko Milosavljevic Wojcik"),
'greek': ("Stavros Despina Athanasios Kalliope Panagiotis Vasiliki Efthymia Spyridon Eleftheria Kostas Toula Demetrios", "Papadopoulos Karagiannis Stavropoulos Hatzidakis Anagnostopoulos Mavros Economou Kostopoulos Xenakis Theodorakis Pappas Zervas"),
'jew': ("Shoshana Mordechai Yitzchak Rivka Avigail Chaim Dvora Shlomo Malka Zev Gittel Menachem Tzipporah Bracha", "Rosenzweig Abramowitz Lefkowitz Ben-David Mizrahi Goldfarb Perlmutter Shapiro Katzenelson Fruchter Ashkenazi Teitelbaum Zuckerbrot"),
'irish': ("Siobhan Niamh Aoife Cormac Padraig Declan Oisin Grainne Fionnuala Eoghan Caoimhe Diarmuid", "O'Shaughnessy McGillicuddy O'Dowd Gallagher Fitzgibbon MacNamara O'Connell Considine Mulvaney Kilbride McElhinney O'Hanlon"),
'turk': ("Aysegul Mehmet Gulsen Emre Elif Kemal Serpil Orhan Dilek Yildiz Umut Berkay", "Yilmaz Ozdemir Kilic Erdogmus Aydin Karaca Demirci Sahin Tuncer Bozkurt Celik"),
'pers': ("Shahrzad Behrouz Farideh Kaveh Parisa Nasrin Dariush Mahnaz Arash Soraya Houshang Golnaz", "Tehrani Hosseinzadeh Rahimi Moghaddam Farrokhzad Shirazi Bakhtiari Khosravi Esfahani Daneshvar Golestani"),
'kor': ("Jiyoung Seunghyun Minjun Eunkyung Hyejin Kyungsook Dongwook Sangmi Youngja Taehyun", "Kim Hwang Choi Yoon Bae Seo Kwon Jeong Noh Baek Namgung"),
'jap': ("Haruto Michiko Takashi Yoshiko Kenji Sachiko Ryosuke Fumiko Naoko Tetsuya Hideo Mariko", "Nakagawa Yoshimura Takahashi Shimizu Kuroda Ishikawa Matsunaga Fujioka Hasegawa Tsukamoto Okubo"),
'poly': ("Leilani Sione Mele Kealoha Tevita Lupe Keoni Malia Fa'alogo Semisi Puanani Viliami", "Kahananui Tuiasosopo Faleolo Kamakawiwo'ole Tauiliili Fonoimoana Kekauoha Nakamaejo Vainikolo Leota Mataele".replace('Nakamaejo','Kanahele')),
'natam': ("Kai Winona Ahiga Tallulah Dezbah Chayton Aiyana Nizhoni Elan Wyanet", "Begay Yazzie Tsosie Whitehorse Two_Bulls Nez Standing_Bear Manuelito Red_Cloud Benally Iron_Shell"),
'germ': ("Gunther Liesel Heinrich Waltraud Friedrich Anneliese Dietmar Ingrid Uwe Hildegard Klaus Trudi", "Schwarzkopf Oberholtzer Steinhauer Pfefferkorn Brandenburg Vogelsang Kirchner Zimmerman Knecht Schlabach Yoder Wurtzel"),
'port': ("Joaquim Graciete Thiago Luciana Fernanda Vasco Deolinda Rafaela Adelino Ilda Caio", "Figueiredo Magalhaes Carvalho Medeiros Azevedo Teixeira Nascimento Goncalves Silveira Da_Costa Furtado"),
'hait': ("Guerline Jean-Robert Marie-Ange Wilguens Fabiola Jocelyn Dieudonne Mirlande Nadege Rosemond Frantz", "Desrosiers Toussaint Pierre-Louis Jean-Baptiste Casimir Dorvil Estime Belizaire Cherestal Metellus Saint-Fleur"),
'nord': ("Astrid Torbjorn Solveig Anders Sigrid Ulrika Leif Aino Eero Birgitta", "Lindqvist Haugland Bergstrom Rasmussen Virtanen Hakkinen Thorvaldsen Ostergaard Kjellberg Niskanen"),
'ital': ("Gennaro Concetta Salvatore Rosaria Luigina Pasquale Ornella Domenica Carmine Filomena", "DiGiacomo Mastrangelo Esposito Iannucci Quattrocchi LoBianco Santangelo Pellegrino Scarpelli D'Agostino"),
'fran': ("Thierry Solange Armand Odile Gaston Celestine Remy Clothilde", "Lachance Thibault Desjardins Arceneaux Robichaud LeBlanc Guidry Delacroix"),
'hmong': ("Pa_Houa Mai_Yer Tou_Ger Bee Sopheap Rithy Chanthou Kamala Somchai Nirmala Tashi Pemba Saw_Htoo Paw", "Vang Xiong Moua Thao Khiev Sok Chey Phommachanh Rattanavong Gurung Sherpa Htoo Tamang Thapa"),
'hung': ("Laszlo Zsofia Ildiko Gabor Erzsebet Ruxandra Gheorghe Dorina Arpad Vasile Anahit Hovsep Nune Giorgi Luljeta Besnik", "Szabo Horvath Kovacs Popescu Ionescu Munteanu Hakobyan Grigoryan Beridze Hoxha Krasniqi Nagy"),
'dutch': ("Marijke Pieter Joost Annelies Sjoerd Wilhelmina", "Van_der_Meer Hoekstra De_Vries Dykstra VanDenBerg Vandersloot Huizenga"),
'jam': ("Delroy Shanique Winsome Everton Cordell Althea Tamoya Desmond", "Gayle Brathwaite Maharaj Ramkissoon Persaud Baptiste Ramlogan Blackwood"),
'brit': ("Nigel Pippa Angharad Gwyneth Rhys Fergus Isla Hamish Alasdair Blodwen", "Featherstone Llewellyn Cholmondeley Abernathy Dunwoody Pritchard Ormsby Thistlewood"),
}
NM = {k: ([x.replace('_',' ') for x in g.split()], [x.replace('_',' ') for x in f.split()]) for k,(g,f) in NAMES.items()}
ORI = list(NM)
PLAINW = ['us']*4 + ['hisp']*3 + ['irish','germ','ital','brit','wafr','india','viet']
WORDG = "Will May Rose Grace Chase Hope Mark Art Faith Summer Dean Rich June April Joy Bill Frank Drew Gene Pat Dawn Ivy Jade Miles Skip Bishop Olive Sunny Robin Daisy Destiny Patience Mercy Constance Angel Heaven Genesis Precious Rusty Sandy Cliff Dale Glen Lance Pearl Ruby Penny Wade Ray Jack Rod Autumn Charity Felicity Prudence Ginger Violet Christian Major Ford Carol Sky Melody Nick Rob Sage Reed Hunter Mason Carter Parker".split()
WORDF = "Young Brown Price Long Rich Bishop Dean Day Cook Green White Black King Rose Love Banks Stone Wood Field Bush Rivers Marsh Moon Snow Winter Summers Hand Foot Head Payne Akers Sharp Short Small Little Best Strong Good Noble Free Church Temple Pope Abbott Knight Major Case Park Lane Street Hill Ford Bridges Waters Cross Fox Wolf Bird Fish Lamb Drake Swan Coffey Rice Bacon Berry Bean Olive Sheets Tables Weeks Monday Friday March May August Broadwater Blood Bone Coffin Grave Self Outlaw Christmas Fields Mills Gates Hall House Rush Walker Carpenter Mason Baker Butler Potter Sawyer Fry Pickett Bell".split()
NICK = "Bubba Junebug Tito Lupita Mimi Ziggy Duda Kiki Ozzie Boogie Pepe Memo Beto Nacho Chucho Tootsie Gigi Nonie Bibi Coco Pookie Dede Skeeter Buddy Zuzu Babs Bunny Trey Deuce Lolo Cuco Tita Nene Jojo Mickey Sully Fitz Mac Tex Red Smitty Duffy Kat Ollie Binky Nonna_Rosa Aunt_Dot".replace('Nonna_Rosa ','').replace(' Aunt_Dot','').split()
# true name -> as mis-heard by the recogniser (all of it is the name)
MISG = "shin a do;chin Eddy;key Anna Leigh;see oban;she bon;Neve;neeve;shove on;a mare ah;oh low way soon;fall a shot a;quality;quad Vena;a Cosway;who Dan;tea gist;cell a Mowat;yo Hannes;sbig new;ag knee Ashka;voice check;sweat Lana;you Jenny;ox Sana;tee Oscar;his Elle;see Omara;you Senya;a Rosalie;hairy Berto;rigor Berto;lock shmi;rag you not;just preet;hurry pretty;gurdy;me knock she;few young;hung;twee;win;quang dog;phone;dig Nora;bye Ahni;Louise Vi Minda;faith Emma;Abdul rock man;Zainab bee;goose on;Whistler;a fee;cower;Padrick;Keva;eye she Google;met met;Shara Zod;bear Ruth;G young;son Hyun;me cheek o;Tucker she;Lay Lonnie;see own;car Oscar;dez Bach;goon tour;wall trout;walk him;Girl in;will gains;us trid;tour be on;Jen R.O.;con Chetta;a lease ya;Nyah;Shaniqua mess;ex zavier;doe men go;Ike a chuku;tem it ope;Goatee;Ow Eva;at the nay;Zoe Bida".split(';')
MISF = "kow all ski;cow Alski;Wisnowski brake;chip Pinsky;sheep in ski;Kobal check;she Bilski;divorce ack;petro bitch;Chevron go;Coos net soft;Radu Lovich;O con quo;oak on co;a day bio;wash a coup;oil around;Bo at tang;men saw;D Allo;wed Rogo;got Bree Miriam;gabriel Mary um;will the Michael;todd essay;hobby to Mary am;Van got a Rahman;Krishna Murphy;Chuck Rob or T;Butter Charlie;go Paula Krishna;Dez pan day;Eye anger;gave Ari;cool Karni;we yen;when;new win;win trucks;who in;Fam;Chung dong;dim a coolangatta;but tongue back all;Pang Ellen on;al mastery;el say Ed;core E;Abu Russian;papa dopey list;Cara yanis;stop rope Ellis;had see Doc is;Rosen's wig;Abraham Witz;left go it's;purr mutter;Oh Shaun Nessie;mcgill a cuddy;fits given;ill mass;Oz Dimmer;killage;Terror Annie;hussein's a day;mug Adam;wang;Nakagawa T;Yoshi moron;see me zoo;Kahana Nui;to ya so so po;by gay;yeah see;so see;Schwartz cop;over Holzer;fig a red oh;Magha lies;de Rose ears;two Saint;pair Louie;john batiste;link fist;how grand;die Jack Oh Mo;master Angelo;Kwatro key;Tim ago;arson oh;vee a lobos;see and flame goes;etch of area;Benny V. Days;see Pedro;sham you do;Kinta Nia;Carly's key".split(';')
MISF=[m for m in MISF if 'bitch' not in m]
CITIES = "Waxahachie;Ypsilanti;Schenectady;Natchitoches;Chillicothe;Sheboygan;Yakima;Opelousas;Pawtucket;Kissimmee;Tuscaloosa;Bakersfield;Lubbock;Dayton;Fort Wayne;Terre Haute;Eau Claire;Fond du Lac;Coeur d'Alene;Truth or Consequences;Paducah;Murfreesboro;Spartanburg;Oconomowoc;Winnemucca;Pocatello;Rancho Cucamonga;Chula Vista;Nacogdoches;Muskogee;Broken Arrow;Enid;Minot;Bemidji;Wausau;Kokomo;Muncie;Elyria;Steubenville;Altoona;Wilkes-Barre;Poughkeepsie;Utica;Nashua;Bangor;Worcester;Woonsocket;New Bern;Rocky Mount;Gastonia;Valdosta;Dothan;Hattiesburg;Biloxi;Jonesboro;Texarkana;Joplin;Sedalia;Ottumwa;Cedar Rapids;Sioux Falls;Scottsbluff;Salina;Pueblo;Farmington;Las Cruces;Yuma;Flagstaff;Provo;Twin Falls;Missoula;Great Falls;Spokane;Walla Walla;Medford;Eureka;Modesto;Fresno;Visalia;Corpus Christi;Brownsville;Laredo;Odessa;Amarillo;Temple;Plano;Mobile;Orange;Reading;Normal;Hope;Paris;Moscow;Cairo;Lima;Troy;Athens;Carthage;Independence;Defiance;Bath;Surprise;Weed;Cut Off;Cut and Shoot;Bird-in-Hand;King of Prussia;Hershey;Celebration;Golden;Boulder;Marathon;Hazard;Pearl;Rolling Fork;Big Stone Gap;Blue Earth;Thief River Falls;Sleepy Eye;Sweetwater;Clearwater;Bowling Green;Grand Island;Little Elm;Slippery Rock;Apple Valley".split(';')
SMALL = "Pinckneyville;Elkader;Wartburg;Gnaw Bone;Shoals;Mullens;Hominy;Cheyenne Wells;Pahoa;Tok;Kotzebue;Machias;Ocracoke;Lumberton;Tishomingo;Bunkie;Mamou;Osawatomie;Wahoo;Broken Bow;Ely;Hawthorne;Forks;Sequim;Naselle;Zuni;Chinle;Shiprock;Wolf Point;Lame Deer;Pine Ridge;Hayti;Caruthersville;Metropolis;Crab Orchard;Salyersville;Whitesburg;Beattyville;Sugar Tit;Due West;Ninety Six;Rincon;Enigma;Cusseta;Eclectic;Brantley;Frostproof;Two Egg;Panacea;Dime Box;Muleshoe;Happy;Earth;Noodle".replace('Sugar Tit;','').split(';')
COUNTY = "Maricopa;Cuyahoga;Tuscarawas;Kanawha;Oconee;Yavapai;Hennepin;Outagamie;Ouachita;Okaloosa;St. Clair;Tippecanoe;Lackawanna;Rensselaer;Stanislaus;Tehama;Klickitat;Harlan;Pickens;Union;Madison;Walker;Bell;Marion;Nez Perce;Natrona;Rio Arriba;Dona Ana;Starr;Guadalupe;Cherokee;Polk;Sangamon;Vermilion".split(';')
STREETN = "Tanglewood;Sycamore;Kirkwood;Magnolia;Old Mill;Pecan Grove;Wisteria;Cottonwood;Lexington;Buena Vista;Alameda;Fairmount;Juniper Hollow;Whispering Pines;Hickory Ridge;Stagecoach;Possum Trot;Martin Luther King;Cesar Chavez;Goshen;Chestnut;Bellaire;Quail Run;Ridgecrest;Shady Oak;Turkey Creek;Cherry Blossom;Church;Railroad;Market;Division;Delancey;San Jacinto;Winding Brook;Butternut;Larkspur;Timberline;Foxglove;Pleasant Valley;Sugar Maple;Nottingham;Coventry;Hawthorne;Mockingbird;Bayberry;Deer Path;Gunbarrel;Telegraph;Kalakaua;Ponce de Leon;Peachtree;Euclid;Wabash;Chippewa;Tecumseh;Orchard;Mount Zion;Salem Church;Bethel;Lakeshore;Sandpiper;Heron;Palmetto;Live Oak;Dogwood;Bluebonnet;Saguaro;Ocotillo;Mesquite".split(';')
STYPE = "Street;Street;Avenue;Avenue;Drive;Drive;Road;Road;Lane;Court;Boulevard;Circle;Way;Place;Terrace;Trail;Parkway;Loop;Pike".split(';')
STATES = "Ohio;Texas;Michigan;Georgia;Oregon;Louisiana;Kansas;Arizona;Indiana;Kentucky;Florida;Iowa;Nevada;Idaho;Maine;New Mexico;West Virginia;North Carolina;Pennsylvania;Wisconsin;California;Tennessee;Minnesota;Alabama".split(';')
EMP = "Tyson;Walmart;Amazon;FedEx;UPS;Home Depot;Lowe's;John Deere;Caterpillar;Boeing;Cargill;Smithfield;Perdue;Frito-Lay;Costco;Target;Kroger;Safeway;Publix;Dollar General;Sysco;Lockheed;Raytheon;Delta;Southwest;Greyhound;Wells Fargo;State Farm;Verizon;Comcast;Starbucks;McDonald's;Waffle House;Cracker Barrel;Marriott;Hilton;Ford;General Motors;Toyota;Nissan;Whirlpool;International Paper;Weyerhaeuser;Georgia-Pacific;Alcoa;Nucor;Halliburton;Exxon;Peabody;Union Pacific;Norfolk Southern;Waste Management;Republic Services;Hobby Lobby;Goodwill;Bluegrass Poultry;Hanley Brothers Roofing;Tri-County Electric;Delgado Landscaping;Rosen and Pike;Sunrise Bakery;Kessler Trucking;Lakeview Elementary;Jefferson High School;Central Valley Water District;Mott Tool and Die;Gulf Coast Shipyard;Big Sky Lumber;Northgate Honda;Pruitt Paving;Palmer Foods;Desert Sun Solar;Ironwood Steel;Happy Paws Grooming;Little Acorns Daycare;Oakmont Country Club;Vargas and Sons Drywall;Nguyen Nails;Blue Heron Brewing;Hartley County Schools;Crestline Coffee;Meyer Dairy;Dunbar Freight;Atlas Movers;Tidewater Seafood;Penn Glass;Quik Stop;Stone Creek Cabinets;Amalgamated Transit;Cobalt Software;Pelican Casino;Rivertown Gazette;Ajax Plumbing;Meridian Logistics;First Baptist Church;Valero;Conagra;Pilgrim's;Maytag;Corning;Hormel;Burger King;Chewy;Best Buy;Wendy's;Trader Joe's".split(';')
STAFF = "Lindqvist Okafor Patel Ramirez Weiss Kapoor Chen Nakamura Brennan Abdi Sorensen Alvarez Mbeki Hartman Yoon Castellano Pruett Vance Dubois Rahman".split()
CLINIC = "Cedar Hollow Family Practice;Lakeside Pediatrics;Northside Clinic;Mercy General;Saint Luke's;Riverbend Health;Harbor View Cardiology;Prairie Women's Health".split(';')
DRUG = "metformin lisinopril amlodipine gabapentin sertraline atorvastatin omeprazole prednisone warfarin Eliquis Ozempic Jardiance Lantus Humalog Trulicity Synthroid levothyroxine Lexapro Zoloft Xarelto hydrochlorothiazide losartan Singulair Advair albuterol Flonase Zyrtec Celebrex meloxicam tramadol Wegovy Mounjaro Farxiga Entresto Plavix clopidogrel Lasix furosemide metoprolol Abilify Wellbutrin Lyrica Cymbalta Tradjenta Januvia Bactrim Keflex Augmentin doxycycline Macrobid Diflucan Humira Enbrel methotrexate Botox Premarin Paxlovid Tylenol Motrin Aleve".split()
EPON = "Parkinson's;Alzheimer's;Crohn's;Hashimoto's;Graves' disease;Raynaud's;Sjogren's;Bell's palsy;Lou Gehrig's;Huntington's;Lyme disease;Meniere's;Addison's;Cushing's;Barrett's esophagus;Hodgkin's lymphoma;Marfan syndrome;Ehlers-Danlos;Tourette's;Charcot-Marie-Tooth;Guillain-Barre;Paget's disease;Dupuytren's;Peyronie's;Wilson's disease;Down syndrome;Asperger's;Kawasaki disease;Baker's cyst;Morton's neuroma;Osgood-Schlatter;Lewy body dementia;Epstein-Barr;Achilles tendonitis;Munchausen;Kaposi's sarcoma;Wegener's;Turner syndrome".split(';')
INS = "Aetna;Blue Cross;Cigna;Humana;United Healthcare;Kaiser;Medicaid;Medicare;Anthem;Molina;Tricare;Ambetter;Delta Dental;Health Net".split(';')
SYM = "a sore throat;lower back pain;a cough that won't quit;a rash on my arm;ringing in my ears;heartburn;numb toes;swollen ankles;a fever;hot flashes;a stiff neck;night sweats;a migraine;an itchy scalp;dizzy spells;cramps in my calves;a stuffy nose;pink eye;constipation;a toothache".split(';')
PLANT = "Tyson;John Deere;Caterpillar;Boeing;Cargill;Smithfield;Perdue;Frito-Lay;Ford;Toyota;Nissan;Whirlpool;Georgia-Pacific;Alcoa;Nucor;Bluegrass Poultry;Mott Tool and Die;Palmer Foods;Ironwood Steel;Meyer Dairy;Tidewater Seafood;Penn Glass;Stone Creek Cabinets;Conagra;Pilgrim's;Maytag;Corning;Hormel;Gulf Coast Shipyard".split(';')
MALE = set("Tyler Dustin Wyatt Earl Darnell Deshawn Marquise Jamal Billy_Ray Vernon Tim Carl Kyle Roscoe Odell Trevor Zane Braxton Rigoberto Eusebio Heriberto Lazaro Refugio Anselmo Jesus Evaristo Wilmer Domingo Chuy Raghunath Jaspreet Gurdeep Venkatesh Devansh Ishaan Thirumalai Subramaniam Mohandas Bhavesh Jignesh Debashish Xiaoming Zhiwei Guozhen Haoran Weiguo Zixuan Quang Duc Bao Khanh Minh Dung Tien Hoang Bayani Jomar Reynaldo Arnel Rodel Jhun Dodong Abdulrahman Khalid Nizar Hussam Mustafa Tariq Ghassan Bassam Marwan Abdelkader Chinedu Oluwaseun Kwabena Mamadou Ousmane Emeka Babatunde Kofi Ikechukwu Kwaku Haile Abebe Yohannes Bekele Girma Tesfaye Dawit Mulugeta Kiplagat Abdirahman Sipho Tendai Oskar Zbigniew Wojciech Yevgeny Bohdan Milorad Vaclav Branimir Taras Miroslav Stavros Athanasios Panagiotis Spyridon Kostas Demetrios Mordechai Yitzchak Chaim Shlomo Zev Menachem Cormac Padraig Declan Oisin Eoghan Diarmuid Mehmet Emre Kemal Orhan Umut Berkay Behrouz Kaveh Dariush Arash Houshang Seunghyun Minjun Dongwook Taehyun Haruto Takashi Kenji Ryosuke Tetsuya Hideo Sione Tevita Keoni Semisi Viliami Fa'alogo Kai Ahiga Chayton Elan Gunther Heinrich Friedrich Dietmar Uwe Klaus Joaquim Thiago Vasco Adelino Caio Jean-Robert Wilguens Jocelyn Dieudonne Rosemond Frantz Torbjorn Anders Leif Aino Eero Gennaro Salvatore Pasquale Carmine Thierry Armand Gaston Remy Tou_Ger Rithy Somchai Pemba Saw_Htoo Laszlo Gabor Gheorghe Arpad Vasile Hovsep Giorgi Besnik Pieter Joost Sjoerd Delroy Everton Cordell Desmond Nigel Rhys Fergus Hamish Alasdair Will Chase Mark Art Dean Rich Bill Frank Drew Gene Miles Skip Bishop Rusty Cliff Dale Glen Lance Wade Ray Jack Rod Christian Major Ford Nick Rob Reed Hunter Mason Carter Parker".replace('_','~').split())
MALE = {m.replace('~',' ') for m in MALE}
UNI = {'Jaspreet','Harpreet','Minh','Bee','Paw','Tashi','Kai','Pat','Carter','Parker','Angel','Sandy','Sky','Sunny','Robin','Jocelyn','Ford','Drew','Hunter','Dale','Tien','Madison','Aubrey'}
POS1 = r'''
Good morning {g}.
Good morning {g}, what brings you in today?
Hi {g} it's me.
Hi {g1} it's me again, I forgot to ask about the parking.
Hey {g}, you got a second?
Hello {g} this is the clinic calling back.
Thanks {g}, I'll hold.
Okay {g}, any chest pain or shortness of breath?
So {g}, how have the headaches been?
Alright {g}, let's get that blood pressure.
Well {g}, the x-ray looks clean.
Come on in {g}, have a seat.
Bye {g}, take care of that knee.
See you soon {g}.
{g}, honey, can you turn the TV down, I'm on the phone.
{g}, stop it, I'm talking to the nurse.
Hang on. {g}! Where's my pill bottle?
Sorry, {g} just walked in, go ahead.
Is that you {g}?
No {g}, we're not doing antibiotics for a virus.
Thank you so much {g}, you've been a real help.
Yes ma'am, {fn}.
Name please? || {fn}.
And who am I speaking with? || {g}.
And who am I speaking with? || This is {fn}.
What's the last name? || {f}.
What's the last name? || Uh, {f}.
And your first name? || {g}.
Can I have your name? || It's {fn}, I'm calling for my son {g}.
Who's the appointment for? || My wife, {fn}.
Who's the appointment for? || For {g}.
Who's the appointment for? || It's for {g} and {g}, both of them.
Who's the appointment for? || Me and my husband {g}.
And how are you related? || I'm {g}'s stepdad.
And how are you related? || {g1} is my granddaughter, I have custody.
Who should we list as emergency contact? || Put my sister {fn}.
Who should we list as emergency contact? || {fn}, that's my neighbor.
Who should we list as emergency contact? || Probably {g}, my oldest.
Who is going to drive you home? || My buddy {g} said he would.
Who's going to be with you after surgery? || {g} will stay with me.
Who lives with you? || It's me, {g}, {g}, and the dog.
Do you have children? || Yes, three, {g}, {g} and little {g}.
Do you have any children? || Two girls, {g} and {g}.
Any siblings with the same problem? || My brother {g} had it, and {g} too I think.
Who referred you? || A friend of mine, {fn}.
Who told you that? || {g} did.
Is your mother still living? || No, mama, {fn}, passed from her heart.
{fn} here, returning your call.
Hi, {fn}, I had a missed call from you folks.
This is {fn}, I'm {g}'s mother.
My name is {fn} and I need a refill.
The name's {fn}.
I'm {g}, {f} is my maiden name.
It's under {f}.
It might be under {f}, that's my ex-husband's name.
Try {f}, or maybe {f}.
I got married so it's {f} now, it used to be {f}.
It should be under my married name, {f}.
You can just call me {nk}.
Everybody calls me {nk} but it's {fn}.
They call him {nk}, his real name is {g}.
My legal name is {fn} but I go by {nk}.
{nk} fell off the porch again.
This is {nk}, you probably have me as {g}.
Tell {nk} I said hi.
His name is {fs}.
It's {fs}, not his dad.
The chart says {fs} but I'm the father.
There's two of us, {fs} and me.
I'm calling on behalf of {db}.
It's hyphenated, {db}.
The insurance card says {db}, and you only have half of it.
{g}'s appointment got moved, and nobody told us.
I'm calling about {g}'s lab results.
{g}'s fever came back last night.
Did you get {g}'s vaccine record from the old clinic?
I have {g}'s inhaler here, and it's empty.
{g}'s mom is my sister.
We're at {g}'s house right now.
It's {g}'s turn to take him this time.
That's {g}'s handwriting on the form, not mine.
{fn}'s chart, please.
The {f}'s baby is due any minute.
I need to cancel {fn}'s physical.
What did you say about {g}'s potassium?
So then {g} drove me to the ER.
So then {g} says to me you better get that looked at.
And {g} goes, mom, you're slurring.
{g} called nine one one when I passed out.
{g} found me on the kitchen floor.
I was out in the yard with {g} when my back gave out.
{g} won't eat anything but crackers.
{g} has been throwing up since last night.
{g} and {g} both have pink eye.
{g} and I split the pills because we ran out.
{g} said you'd fax it over.
{g} keeps telling me to quit smoking.
{g} told me he felt dizzy.
{g} broke her wrist on the trampoline.
{g} takes the same blood pressure pill I do.
{g} passed away, and I haven't been sleeping.
{g} is allergic to penicillin, {g} isn't.
{g} was born early, at thirty two weeks.
{g} wants to know if he can swim.
Since {g} left me I can't keep food down.
Ever since {g} died it's just been me.
When {g} was a baby he had ear tubes.
I lost {g} two years ago to colon cancer.
I live with {g} and her kids.
I gave {g} the children's Motrin around noon.
I asked {g} to look at the mole.
I think {g} has strep.
I don't want {g} to know about the test.
I was holding {g} when my wrist popped.
I'd like to bring {g} in.
I'm worried about {g}, he's not himself.
I'm calling for {fn}.
I need to make an appointment for {g}.
I need to schedule {fn} for a well visit.
Could you leave a message for {fn}?
Can you put {g} on the phone?
Can {g} pick up my prescription?
Can you tell {g} that the ride is here?
Is {g} allowed back with me?
Is {fn} there please?
May I speak with {fn}?
Was {g} supposed to fast?
Did {g} ever come by for the papers?
Do you have anything open for {g}?
Could I add {g} to the account?
You saw my cousin {fn} last month.
You treated {g}, my brother-in-law.
My husband {g} is on the other line.
My wife {g} has the same thing.
My daughter {fn} is sixteen, does she need me there?
My son {g} is seven.
My mother-in-law, {fn}, moved in with us.
My dad, {fn}, had a stroke.
My neighbor {g} watches the kids.
My roommate {g} had mono.
My partner {g} and I are trying to get pregnant.
My boyfriend {g} has cold sores.
My aunt {g} raised me.
My uncle {g} had the same surgery.
My nephew {g} plays football and got a concussion.
My niece {g} is a nurse, she said to call.
My caregiver {g} comes twice a week.
My fiancee {g} will be at the visit.
My grandson {g} set up the portal for me.
My twin {g} doesn't have it.
My best friend {g} is my proxy.
My coworker {g} fainted, and I'm with her now.
My pastor, {fn}, visits me.
Grandma {g} can't hear very well.
Aunt {g} needs a wheelchair.
Cousin {g} is driving.
The patient is {fn}.
The patient's name is {fn}, and I'm the home health aide.
The baby's name is {g}.
The twins are {g} and {g}.
The kids are {g}, {g}, {g} and {g}.
The boys, {g} and {g}, had the flu shot already.
The neighbor, a {g} something, brought him in.
There's a {fn} here to see you.
There was a note from {g} on the fridge.
This is {g} from pharmacy, calling about {fn}.
This message is for {fn}.
That would be {g}.
That was {g} on the phone earlier.
So that was mister {f1}?
So that was miss {f}, right?
Okay mister {f}, I have you at three.
Thank you missus {f}, one moment.
Mrs. {f}, are you still taking the {drug}?
Mr. {f}, can you hear me?
Mr. {fn}, your ride is outside.
Ms. {f}, your copay is twenty dollars.
Miss {f} in room four is ready.
Mister {f} never showed.
Okay I have {fn} down for the eye exam.
And that's for {g}, correct?
Let me confirm, the name was {fn}?
I'm showing a {fn} in the system.
I have two {f}s, is it {g} or {g}?
And is this for {g1} or for yourself?
You said {g}, is that with a C or a K?
Did you say {f}?
I'm sorry, {g1} or {g}?
Alright {g}, I've got you in on {wd} at {clk}.
Perfect {g}, anything else I can help with?
Just a moment {fn}, let me pull up the chart.
One sec {g}.
Not {g}, {g}.
No, not {g}, it's {g}.
No it's {f}, not {f}.
No, {f1}, {sp1}.
It's {g1}, {gsp1}.
What's your last name? || {f1}, {sp1}.
How do you spell that? || {sp}.
How do you spell that? || {gsp}, and the last name is {sp}.
Can you spell it? || Sure, {sp}.
Could you spell the last name? || It's {sp}.
{f1}. {sp1}. Like it sounds.
First name {g1}, {gsp1}, last name {f1}, {sp1}.
That's [N:Smith] with a [N:y].
[N:Smyth], that's with a [N:y].
[N:Clark] with an [N:e].
[N:Katherine] with a [N:K].
[N:Jon], no [N:h].
[N:Sara] without the [N:h].
[N:Thompson] with a [N:p].
[N:Geoff] with a [N:G].
[N:Bryan] with a [N:y], [N:Lynn] with two [N:n]s.
Not [N:Jon], [N:Joan].
Not [N:Marta], [N:Martha].
[N:Kerry], not [N:Carrie].
I said [N:Dana], not [N:Dinah].
It's [N:Alan], one [N:l].
It's [N:Philip] with one [N:l].
[N:McKenna], capital [N:M], small [N:c], capital [N:K].
It's [N:Reid], [N:R E I D].
[N:Stephen] with a [N:p h].
[N:Meyer], [N:M e y e r], not [N:Mayer].
[N:Brown] with an [N:e] on the end.
Is it [N:Ann] with an [N:e]?
Is that [N:Cohen], [N:C O H E N]?
[N:B as in boy, U, I], that's it, [N:Bui].
[N:N G U Y E N], it's pronounced [N:win].
You wrote {f}, it should be {f}.
You got my name wrong, it's {g} not {g}.
They put {g} on the bottle but my name is {g}.
The bracelet says {fn}, that's not me.
The first one is {g} and the middle is {g}.
My middle name is {g}.
Middle initial's [N:J], [N:J] for {g}.
A: I'm {mg}.
AR: This is {mg} {f}, calling about my mother.
AR: Last name is {mf}.
AR: The name is {mm}.
AR: Hi, {mm}, I need to reschedule.
AR: What's your name? || {mm}.
AR: What's the last name? || {mf}.
AR: And your first name? || {mg}.
AR: I'm calling for {mm}.
AR: My husband is {mm}.
AR: My daughter {mg} has a fever.
AR: {mg} is not feeling well.
AR: It's {mf1}, {mf1}.
AR: Mister {mf}, we have you down for the scan.
AR: Thank you {mg}, and the callback number?
AR: Is this {mm}?
AR: Hello this is {mm} again.
AR: Please tell {mg} I called.
AR: {mm} for a refill of {drug}.
AR: Miss {mf}, are you there?
AR: Appointment for {mg} and {mg}.
AR: The patient, {mm}, fell yesterday.
AR: You have it under {mf}.
AR: So then {mg} took me to urgent care.
AR: Good morning {mg}.
AR: And you're missus {mf}, is that right?
[N:Will] will call you back.
[N:Will] said he will come if he may.
[N:May] may need a new knee.
My sister [N:May] is coming in [D:May].
[N:Rose] rose from the chair and fell.
[N:Grace] has been limping.
[N:Grace] says grace before every meal.
I hope [N:Hope] is feeling better.
[N:Hope] is my youngest.
[N:Mark] has a mark on his back.
[N:Mark] marked the spot with a pen.
[N:Art] does art therapy at the center.
[N:Faith] has a rash.
[N:Faith] lost her faith in doctors, I'll be honest.
[N:Summer] had hives all summer.
[N:Chase] chased the dog and twisted his ankle.
[N:Dean] is the dean at the college.
[N:Bill] will pay the bill.
[N:Frank] was frank with me about the drinking.
[N:Joy] is a joy, but she's stubborn about her pills.
[N:Rich] isn't rich, he can't pay that.
[N:Pat] would pat the spot with a towel.
[N:Gene] has the gene too.
[N:Drew] drew a picture of the rash.
[N:Dawn] gets up at dawn to check her sugar.
[N:April] was born in [D:April].
[N:June] turns seven in [D:June].
[N:Carol] sang a carol at the nursing home.
[N:Rob] got robbed, and they took his meds.
[N:Skip] never skips a dose.
[N:Miles] walks two miles a day.
[N:Sunny] can't be out when it's sunny.
[N:Pearl] swallowed a pearl button.
[N:Patience] has no patience for waiting rooms.
[N:Angel] is an angel, he does my shots.
[N:Nick] has a nick on his chin, from shaving.
[N:Ray] needs an x-ray.
[N:Rusty] stepped on a rusty nail.
[N:Christian] can't come, he's sick.
[N:Precious] is vomiting again.
[N:Sandy] says the sand got in her eye.
[N:Ginger] tried ginger tea for the nausea.
[N:Jack] jacked up his shoulder at the gym.
[N:Cliff] fell, well not off a cliff, off a ladder.
Is [N:Will] there?
Are you [N:Rich]?
Ask [N:Chase] if he can hold still.
Let [N:Faith] know I'm running late.
Okay [N:Hope], deep breath.
Thanks [N:Mark].
Hi [N:Grace], it's me.
Good afternoon [N:Dean].
Good morning {wg}.
Thank you {wg}, I'll be there.
This is {wg}.
This is {wg} {f}, I missed my appointment.
Hi, it's {wg} {wf}.
My name is {g} {wf}.
The last name is {wf}.
What's the last name? || {wf}.
And your first name? || {wg}.
Name please? || {wg} {wf}.
Name please? || {wf}, {g} {wf}.
It's [N:Young], like not old.
It's [N:Brown], like the color.
It's [N:Price], like a price tag.
It's [N:Long], like the opposite of short.
It's [N:Church], like where you go on Sundays.
Last name [N:Case], as in suitcase.
[N:Bishop], like the chess piece.
Mister [N:Long], it won't be long.
Mister [N:Young], you're forty one?
Missus [N:Price], the price went up.
Miss [N:Rivers], can you pee in this cup?
Mr. [N:Cook], don't cook with that much salt.
Mr. [N:Short], are you short of breath?
Mrs. [N:Payne], where is the pain?
Ms. [N:Bone], the bone scan is normal.
Mrs. {wf}, how's the hip?
Mister {wf}, it's the nurse.
The {wf} family is in the lobby.
Dr. says {wg} can go back to school.
I'm [N:Will Young], she's [N:Joy Young].
{wg} and {wg} are at their dad's.
{wg}'s cough is worse at night.
{wg}'s dad will pick him up.
So {wg} goes, I can't feel my hand.
My grandbaby {wg} put a bean up her nose.
My boss {wg} sent me home.
My husband {wg} snores.
I told {wg} to lay down.
I'm calling about {wg}.
{wg} is at work till {clk}.
{wg} picked up the {drug} yesterday.
They named her {wg}.
I have a {wg} {wf} on the line.
{g} {wf} called about a refill.
It's {wg} with the walker, you know me.
We call her {nk}.
I want {fn} taken off my HIPAA form.
I give permission for you to talk to {fn}.
Put down that {g} and {g} can pick him up.
My power of attorney is {fn}.
My lawyer {fn} needs the records.
Is there a {fn} on the release?
Only talk to {g}, not to {g}.
If {g} calls, don't tell him anything.
I don't know if {g} mentioned it but I had a fall.
You know {g}, she worries.
You remember my mom, {g}?
Between {g} and the baby I don't get any sleep.
Without {g} I couldn't manage the insulin.
With {g} out of work we lost the insurance.
After {g} was born I got so low.
It runs in the family, {g}, {g}, they all had bad hearts.
On my dad's side {g} had diabetes and on my mom's side {g} had a stroke.
Her maiden name was {f}, she was a {f} by marriage.
I was a {f} before I married.
We're the {f}s, we have three kids with you.
She goes to school with the {f} girl.
The guy who hit me, {fn}, had no insurance.
The babysitter, {g}, gave him a peanut.
The teacher, Ms. {f}, said he's squinting.
The caseworker is {fn}.
His coach, {fn}, benched him after the hit.
The foster parents are {g} and {fn}.
Their surrogate is {fn}.
The donor was his brother {g}.
Our landlord {fn} won't fix the mold, and I can't breathe.
The witness was {fn}.
Yeah, {g}.
Yes, that's right, {fn}.
No, this is her sister {g}.
No this is {g}, {g}'s not home.
She's {g}, I'm {g}.
{g} speaking.
{f} residence.
You've reached {g}, leave a message.
Hey it's {g}, uh, call me back.
It's your patient {fn}.
It's {g} again, sorry.
It's {g}, {g}'s wife.
It's me {g}.
Me llamo, sorry, my name is {fn}.
Name's {g}, last name's {f}, I don't have the card on me.
{f} comma {g}.
{f}, first name {g}.
{g} [N:J.] {f}.
{g}, like the singer.
{g} or {nk}, either one.
{g} {g} {f}, I have two first names.
{fn} and {fn}, we're coming together.
{fn}, he's my dad.
{g1} {g1}, are you listening?
{g}? No, she's at school.
{g}'s.
What name is on the bottle? || It says {fn}.
What name is on the bottle? || {g}'s.
Whose prescription is this? || {g}'s.
Whose prescription is this? || My late wife's, {fn}.
Who's the policy holder? || My ex, {fn}.
Who's the policy holder? || It's in {g}'s name.
Who's the subscriber? || {fn}, he's retired.
Who gave you the shots? || The nurse, and {g} held me down.
Who does your cooking? || {g}, mostly.
Who is your next of kin? || My brother, {fn}, and then {g}.
And who do you see on the weekends? || {g} comes by with groceries.
How's the family? || Good, {g} just started college.
How's the family? || {g} is walking now, and {g} lost a tooth.
How was your trip? || Oh lovely, we saw {g} and {g}.
Who is with you today? || This is {g}, my interpreter.
Who is with you today? || My daughter, {g}.
Is {g1} with you? || No, {g1} is parking the car.
Is this {g1}? || Yes this is {g1}.
Is this {g1}? || No, {g1}'s asleep, this is {g}.
Am I speaking with {fn1}? || Yes, this is {fn1}.
So it's {g1} {f1}? || Yes, {g1} {f1}.
So it's {g} {f}? || No, {g} {f}.
Did I get that right, {f}? || Close, {f}.
{doc} saw {g} in the spring.
{doc} delivered both {g} and {g}.
{g} sees {doc} for his eyes.
I told {doc} about {g}'s seizures.
{doc} knows {fn}, that's my cousin.
I woke up and {g} was calling my name, and then the medics came.
We were driving back from the lake and {g} started choking.
I'd been arguing with {g}, and my chest got tight.
I tripped over {g}'s toys.
I was chopping onions for {g} and cut the tip of my finger.
I caught it from {g}, who caught it from {g}.
I haven't been the same since {g}'s funeral.
He hit his head when he was wrestling with {g}.
She doesn't recognize {g} anymore.
She keeps asking for {g}, that's her late husband.
He thinks {g} is stealing his money.
She calls everyone {g}.
He only lets {g} bathe him.
They sent {g} home with a collar on.
They won't let {g} back to daycare without a note.
We named him after my grandfather {g}.
We adopted {g} and {g} from overseas.
We want {g} circumcised.
We've decided on {g} if it's a girl and {g} if it's a boy.
What should {g} do about her stitches?
Why was {g} charged twice?
Where do I bring {g} for the scan?
When can {g} get the cast off?
How much {drug} can {g} have?
Does {g} need a booster?
Should {g} stop the {drug}?
Would {fn} be able to come on {wd}?
Tell {g}, uh, tell {g} I'm fine.
Please ask {g} to bring my glasses.
Let me get {g}, hold on.
Let me ask {g}. {g}, what was that pill called?
I'll have {g} call you.
I'll let {g} explain.
{g}, it's the doctor's office, do you want {clk} or {clk}?
For {g}, please.
And {g}.
And {g} too.
For {g} and also {g}, same day if you can.
Also for {fn}.
To {fn}, please.
{g} {f}, and I'm calling cause {g} {f} can't make it.
{g}, and how are you today?
Sure {g}, I can do that for you.
Got it, thank you {g}, and the best number?
Okay {g}, I've cancelled that.
I'm so sorry to hear that {g}.
{g}, I'm just going to listen to your heart now.
{g}, squeeze my fingers please.
Now {g}, when did the swelling start?
And {g}, are you sexually active?
So tell me {g}, is {g} eating okay?
How's {g} sleeping?
Mom, is {g} up to date on shots?
I've reviewed your MRI, {g}, and there's no tear.
I want you to stop the {drug}, {g}.
{g} is a pleasant woman with {ep}.
{fn} is a #54 year old man with {ep}.
{fn}, #38, here for follow up of her thyroid.
I saw {fn} this morning for {sym}.
Next patient is {fn}, knee pain.
We have {fn} in two and {fn} in five.
{f} in bed nine needs a drip.
{f}, {g}, here for labs.
Patient {f} declined the flu shot.
{g} denies any fever or chills.
{g} reports that {g} witnessed the seizure.
So we'd just sat down to eat and {g} said her arm felt heavy, and then {g1} noticed her face, and {g1} called the ambulance.
I was at the sink, and all of a sudden my legs went, and {g} had to catch me, he's only twelve.
I've been up since [d:four] with {g}, she's burning up, and {g}'s starting to cough too.
It was {g}'s wedding, so I danced, and now I can't put weight on the ankle.
Last night {g} got into the {drug}, we don't know how many, and {g} is on the other phone with poison control.
You told me to watch the sugar, but {g} bakes every Sunday and I can't say no to her.
He gets confused in the evening, he calls me {g}, that's his sister, and he looks for {g}, who's been gone ten years.
I may be wrong, but I think [N:Will] will need the shot in [D:May], not [N:May].
Well my ex, {fn}, has them this week, so you'd have to ask {g} about the cough.
The school nurse, missus {f}, called and said {g} threw up twice after lunch.
They discharged me, and {g} picked up the {drug}, but nobody said if I take it with food.
I take care of {g} and {g} and my mother-in-law {g}, so no, I don't sleep.
I've known {fn} since grade school and he's never sounded like that.
Okay so that's {g1} with a fever and {g} for the rash, and you'll bring {g1} in first?
My chest was tight, I thought it was gas, and {g} kept saying grace, grace, let's pray, so we prayed.
I had {g} in [D:March], {g} two years later, and both were C sections.
'''
POS2 = r'''
What city are you in? || {city}.
What city are you in? || Uh, {city}, {state}.
What city are you calling from? || I'm in {sm} right now.
What's your address? || {sa}, {city}.
What's your address? || It's {sa}, {apt}.
What's your address? || {sa}, {city}, {state}, {zip}.
And the street? || {str}.
And the street? || {sa}.
And the street? || It's on {str}.
Apartment number? || {apt}.
Is there a unit number? || Yes, {apt}.
Is there a unit number? || Uh huh, {unit}.
And the city? || {city}.
And the city? || {city}, out in {cnty}.
And the zip? || {zip}.
And the zip? || I think it's {zip}.
What county is that? || {cnty}.
What county is that? || {cntyn}.
Where do you live? || Out past {sm}.
Where do you live? || Off of {str} by the school.
Where do you live? || In {city} with my kids.
Where are you staying? || With my sister over on {str}.
Where are you staying? || At a motel in {city}.
Where should we send it? || Send it to {sa}.
Where should we send it? || To my daughter's, {sa}, {city}.
Where are you located? || Corner of {st} and {st}.
Where are you located? || The blue house on {str}, past the church.
Where did you grow up? || I grew up in {sm}, population two hundred.
Where did you grow up? || {city}, mostly.
Where were you when it happened? || Driving through {city}.
Where were you born? || In {city}.
Which pharmacy? || The Walgreens on {str}.
Which pharmacy? || The CVS in {city}.
Which pharmacy? || The one at {st} and {st}.
Which location do you prefer? || The {city} one.
Which location do you prefer? || The office on {str}.
Is it the same address, {sa1}? || Yes, {sa1}.
Is it the same address? || No, we moved to {city}.
Did you say {str1}? || {str}, not {str1}.
Did you say {city1}? || Yes ma'am, {city1}.
Do you still live on {str}? || No, we're over on {str} now.
Okay {sa1}, and the city? || {city}.
Okay, {city1}, and the zip? || {zip}.
Off of {str} by the school.
We live off of {str}, behind the feed store.
It's the white trailer at the end of {str}.
I'm right by the fire station on {str}.
I'm across from the water tower in {sm}.
I'm way out in {sm}.
I'm in {city}, it's about an hour away.
I'm coming from {city}, will I hit traffic?
I'm near the {st} exit.
I'm from {city}.
I'm over in {cnty}, do you take us?
I'm at {sa}, {apt}, buzz me in.
I'm still at the old place on {str}.
We just moved from {city} to {city}.
We moved here from {sm} in the spring.
We moved, it's {sa} now.
I moved from {str} to {str}.
I moved down to {city} to be near the grandkids.
I used to live in {city}.
I'm moving to {city} next month.
I'm stuck in {city} with no meds.
I was in {city} visiting my sister when it started.
I was hiking outside {sm} and got bit by a tick.
I was in the hospital in {city} for a week.
I drive in from {sm} twice a week for dialysis.
I have my mail sent to {city}.
I had my gallbladder out in {city}.
I had a doctor in {city} but he retired.
I need a new doctor, I just got to {city}.
I wrecked my car on {str}.
I fell on the ice on {str}.
I got hit on my bike at {st} and {st}.
I own a farm in {cnty}.
I did two years in the {cnty} jail.
My sister lives in {city}.
My dad's in a nursing home on {str}.
My dad's in a nursing home over in {city}.
My mail goes to a box in {sm}.
My ride is coming from {city}.
My old address was {sa}.
My address is {sa}.
My address changed to {sa}, {city}.
My billing address is {sa}, {zip}.
My son goes to school in {city}.
My zip is {zip}.
My zip changed, it's {zip} now.
Our house is {sa}.
Our house is on {str}, the one with the ramp.
Our well in {sm} tested high for lead.
Please update the address to {sa}, {city}, {state} {zip}.
Please mail the form to {sa}, {apt}, {city}.
Can you send the ambulance to {sa}?
Can the nurse come to {sa}?
Can I get a visit at the {city} office?
Do you have a clinic in {city}?
Do you come out to {sm}?
Does the van pick up on {str}?
Does the bus go down {str}?
Is there a lab near {city}?
Is there anything closer to {sm}?
How far are you from {city}?
There's a lot of meth in {sm}, it's sad.
There's something going around in {city}.
There was a tornado in {sm} and we lost everything.
The accident was on {str}.
The ambulance took her to a hospital in {city}.
The smoke from the fires in {cnty} is killing my asthma.
The package went to {sa} by mistake.
The house on {str} has mold.
The lead was in our pipes, over on {str}.
They airlifted him to {city}.
They did the biopsy over in {city}.
They released her to a rehab in {city}.
They closed the hospital in {sm}.
They transferred me from {city} to {city}.
Take {str} to {str} and we're on the left.
Turn at {str} and go past the Dollar General.
Turn left on {str}.
You go down {str} until the light.
That's {sa1}, is that right?
That's {apt} with a knock twice.
So that was {sa}, in {city}?
So you're in {city}, correct?
So I have {sa}, {zip}.
Okay and that's {str}, not {str}?
No it's {str}, with an e.
No, {apt}.
No it's {zip}.
No, {sm}, it's outside {city}.
It's {unit}, upstairs.
It's {apt}, not the whole building.
It's a rural route, {sa}.
It's number {n3}, {str}.
It's {sa}, uh, wait, no, {sa}.
It's {str}, uh, number {n3}.
It's {city}, they just call it something else now.
It's in {sm}, {state}, you won't find it on a map.
{sa}.
{sa}, the gate code's not working.
{city}, {state}.
{city}.
{str}.
{apt}.
{zip}.
Uh, {zip}, I believe.
{sm}, it's up by {city}.
{cnty}, the north end.
She's in {city}, he's in {city}.
She lives on {str} with the cats.
She lives in {apt} and I live in {apt}.
He's deployed, so his address is my mom's, {sa}.
He's homeless, he stays under the bridge on {str}.
He went to a detox in {city}.
He's at the group home on {str}.
Back in {city} I had a really good therapist.
Down in {city} they don't charge for that.
Up in {sm} it's all gravel roads.
I went to the urgent care on {str} last night.
I went to the emergency room in {city}.
I can't drive all the way to {city}.
Last year in {city} they told me it was {ep}.
Ever since I came back from {city} I've had diarrhea.
[A:Hope], [a:Arkansas], that's the town, not the feeling.
I'm in [A:Normal], [a:Illinois], really.
I'm in [A:Paris], the one in [a:Texas].
I'm in [A:Mobile], I'm not on a mobile.
I live in [A:Orange], and it's orange on the map.
I live in [A:Reading], like reading a book.
I live in [A:Weed], [a:California], don't laugh.
My mom's in [A:Surprise].
We're in [A:Golden], just off [A:Ford Street].
We came from [A:Lima], [a:Ohio], not from [a:Peru].
We live on [A:Turkey Creek Road].
It's [A:Church Street], across from a church.
It's [A:May Street], like the month.
It's [A:Young Avenue], y o u n g.
It's [A:Dr. Martin Luther King Boulevard].
It's [A:Highway 9], the second house.
It's [A:County Road 412], box on the left.
It's [A:State Route 60], [A:mile marker 12].
It's [A:P O Box 884], [A:Tok].
AR: It's on [A:tangle wood drive].
AR: It's on [A:sick a more street].
AR: I live in [A:walks a hatchie].
AR: I'm in [A:Ip silanti].
AR: We're in [A:skin neck to D].
AR: The city is [A:she boy gun].
AR: It's [A:Hick Ory Ridge Road].
AR: I'm over in [A:chilly coffee].
AR: I moved from [A:poke Epsy] to [A:pocket tello].
Where do you work? || {emp}.
Where do you work? || At {emp}.
Where do you work? || I'm over at {emp}.
Where do you work? || I drive for {emp}.
Where do you work? || {emp}, in the warehouse.
Where do you work? || I was at {emp} but I got laid off.
Who's your employer? || {emp}.
Who's your employer? || Uh, {emp}.
Who's your employer? || I'm self employed, but I contract for {emp}.
What do you do for work? || I'm a welder at {plt}.
What do you do for work? || I clean offices for {emp}.
What do you do? || Night shift at {emp}.
What do you do? || I'm a cashier over at {emp}.
Is the insurance through work? || Yes, through {emp}.
Is the insurance through work? || My wife's, she's with {emp}.
How did you hurt it? || Lifting boxes at {emp}.
Was it a work injury? || Yes, at {emp}.
I drive for {emp}.
I drive a forklift for {emp}.
I drive a truck for {emp} and my back is shot.
I work for {emp}.
I work at {emp}, on my feet all day.
I work nights at {emp}.
I work the line at the {plt} plant.
I worked thirty years at {plt} around asbestos.
I work part time for {emp} and part time for {emp}.
I'm a nurse's aide at {emp}, no, I mean I was.
I'm a manager with {emp}.
I'm a temp at {emp}.
I'm on leave from {emp}.
I'm retired from {emp}.
I'm calling from {emp}, it's about one of our employees.
I'm calling from my desk at {emp} so I have to be quick.
I just started at {emp}.
I just got hired at {emp} and need a drug test.
I got laid off from {emp}.
I got fired from {emp} because of my seizures.
I got hurt on the job at {emp}.
I got my shots at work, at {emp}.
I quit {emp} last month.
I lost my insurance when {emp} shut down.
I need a note for {emp}.
I need a physical for {emp}.
I need FMLA papers for {emp}.
I have my shift at {emp} until {clk}.
I breathe in flour dust all day at {emp}.
I inhaled something at {plt}.
I used to be a cook at {emp}.
I retired from {emp} after forty years.
I answer phones at {emp}, so my voice goes.
My shift at {emp} ends at {clk}.
My shift over at {emp} starts early.
My boss at {emp} wants a note.
My job's at {emp}.
My job at {emp} won't let me sit.
My husband works for {emp}.
My husband's with {emp}, they changed carriers.
My wife teaches at {emp}.
My son was burned at {emp}.
My dad worked at {emp} his whole life.
My daughter just started over at {emp}.
My employer is {emp}.
My employer, {emp}, needs the form by {wd}.
My ex is a manager at {emp}.
My old job at {emp} had better insurance.
My supervisor at {emp} made me drive home.
My union rep from {plt} told me to call.
My husband {g} is a mechanic at {emp}.
Our plan is through {emp}.
The plant, {plt}, had a chemical leak.
The plant manager at {plt} sent me over.
The insurance is through {emp}.
The HR lady at {emp} needs the dates.
The company is {emp}.
The drug screen is for {emp}.
They have us on twelves at {plt}.
They cut my hours at {emp}.
They won't take me back at {emp} without clearance.
He's a roofer for {emp}.
He's out at {emp} till dark.
He fell off a ladder at {emp}.
He runs a crew for {emp}.
She's a teacher's aide at {emp}.
She does payroll for {emp}.
She's been at {emp} since high school.
Before that I was with {emp}.
Since {emp} let me go I've been drinking more.
Fax it to {emp}, attention HR.
Can you send the work note to {emp}?
Can you bill {emp}, it's workers' comp?
Did {emp} send you the form?
It's workers' comp through {emp}.
It happened at {emp}, in the parking lot.
It's {emp}, they're the ones who pay for it.
So you're still with {emp}?
And you're employed at {emp}?
Is {emp} still your employer?
{emp}.
{emp}, for eleven years.
{emp} is giving me a hard time about the absences.
{emp} switched us to {ins}.
{emp} sent everybody home sick.
How old are you? || {age}.
How old are you? || I'm {age}, can you believe it?
How old are you? || I'll be {age} in the fall.
How old is the patient? || She's {age}.
How old is the patient? || He's {age} and still mowing.
How old is the patient? || She just turned {age}.
How old is your mother? || {age}, bless her.
And his age? || {age}.
And her age? || She's {age} years old.
I'm {age} years old and I never took a pill.
I'm {age}, honey, talk slow.
I'm going to be {age}.
I'm turning {age}.
I turned {age} and they took my license.
I don't need a colonoscopy at {age}.
At {age} I'm not having surgery.
At {age}, what do you expect?
My mother is {age}.
My mother's {age} and lives alone.
My mom is turning {age}.
My dad, who's {age}, fell again.
My grandmother, {g}, is {age}.
My grandma lived to be {age}.
My aunt {g} is {age} and sharp as a tack.
My husband is {age}, he can't stand that long.
My great grandpa made it to {age}.
My father died at {age}.
Mama's {age}, and she won't use the walker.
She's {age} going on twenty.
She was born in {by1} so she's {age1}.
She'll be {age}, and she wants cake.
She's pushing {age}.
She made it past {age}.
She's almost {age}.
She's a {age} year old woman with a hip fracture.
He was born in {by1}, so that makes him {age1}.
He's {age}, he doesn't hear the phone.
He just celebrated his {ord} birthday.
It was her {ord} birthday when she got sick.
We're having her {ord} birthday at the home.
The patient is a {age} year old male.
The patient is {age}, so we'd skip the mammogram.
This is a {age} year old with {ep}.
You don't look {age}.
You're {age}, is that right?
Well at {age} you can eat what you like.
So you are {age} years young.
Not #89, {age}.
Not {age}, #79.
{age} years old.
{age}, and no, I don't drive.
{age} last birthday.
Both my grandmothers lived past {age}.
Her sister's {age} and her brother's #88.
Age {age}, lives alone, no falls.
For someone {age} his kidneys are fine.
Even at {age} she does her own taxes.
What's your email? || {em}.
What's your email? || It's {em}.
What's your email? || {em}, all lower case.
What's a good email? || Use my wife's, {em}.
What's a good email? || Um, try {em}.
Could I get an email for the portal? || Sure, {em}.
And the email on file is {em1}? || Yes, {em1}.
And the email on file? || Probably {em}.
Send it to {em}.
Send the link to {em} please.
My email is {em}.
My email changed, it's {em}.
My new email's {em}, the old one got hacked.
You can email me at {em}.
Email my daughter at {em}.
I can't log in, I used {em}.
I never got the email, is it {em}?
I'd rather have it at {em}.
It's {em}, that's my work one.
It's {em}, not {em}.
So that's {em}?
Please take {em} off the list.
{em}.
Uh, {em}, I think.
The office email is full, use {em}.
The receipt should go to {em}.
She checks {em} every day.
I'm {fn}, I live at {sa}, in {city}.
I'm {fn}, my email is {em}.
I'm {fn}, I'm {age}.
I'm {g}, I work at {emp}.
{fn}, {sa}, {city}.
{fn} from {sm}.
{g} lives in {city} now.
{g} works over at {emp}.
{g} is {age} and lives in {city}.
{g} drove in from {sm} for this.
My sister {g} in {city} has the same thing.
My brother {g}, he's in {city}, he's a match.
This is {fn} at {emp}, calling about a fitness for duty form.
This is {fn} calling from {city}.
Tell {g} at {emp} that I'll be out.
Call {fn} at {ph}.
My cell is {ph}, ask for {g}.
You can reach {g} at {ph}.
{fn}, born {dt}.
{fn}, date of birth {dt}.
The member number is {id}, it's under {fn}.
{g}'s surgery is on {dn}.
{g} was seen on {dn} in {city}.
{g} goes to a school on {str}.
We took {g} to the ER in {city}.
We're in {city} but {g} is in {sm}.
Picked up {g} from {emp} because he collapsed.
Our son {g} is at camp near {sm}.
The driver, {g}, is lost on {str}.
The caller is {fn} from {emp}.
Mail {g}'s records to {sa}.
We were living in {city}, then {g} got a job at {emp}, so now we're over on {str}.
He drives for {emp}, so he's in {city} one day and {city} the next, and he never takes his {drug}.
I was loading a truck at {plt} when my back went out, and {g} had to drive me home to {sm}.
She's {age}, she lives alone out in {sm}, and she won't let anybody in but {g}.
Take down the new address, it's {sa}, that's in {city}, and take the {str} one off.
I got off at {emp} at {clk}, drove down {str}, and that's when the numbness started.
My mother is {age} and my aunt's {age}, and neither one of them will wear a mask.
The plant closed, {plt} I mean, so we lost {ins} and moved back to {city}.
'''
NEG = r'''
Will you be faxing that over or should I?
May I put you on a brief hold?
May I ask what it's regarding?
It may be the new pill, I may have taken it twice.
I will hope for the best.
I hope it's nothing.
Hope you feel better soon.
Rose hips and honey is all I take for it.
The price went up on my {drug}.
What's the price without insurance?
How long is the wait?
Long story short, it's infected.
I'm too young for a hip replacement, right?
There's a mark on my neck that wasn't there before.
Please mark it as urgent.
The bill says I owe forty dollars.
I already paid that bill.
Can I pay the bill over the phone?
There's a grace period on the premium, isn't there?
I have no faith in that scale.
I do an art class for my nerves.
It gets worse in the summer.
The rash turned brown around the edges.
I had a long drive and my legs swelled.
I eat rich food and then it burns.
I don't want to chase after the referral again.
Let me be frank, I stopped taking it.
It's a gene test, they said.
He has no joy in anything anymore.
At dawn my sugar drops.
I nick myself shaving and it won't stop bleeding.
Can I pat it dry?
Skip the dose if you miss it, is that what it says?
Is it miles or kilometers on the walking test?
I got a jack in the box burger and threw up.
The ray of pain goes down my leg.
I was in the dean's office when I fainted.
The bishop at our church said to rest.
I drew up ten units.
Is it safe to drink ginger ale with that?
Can I have olive oil on the diet?
I stepped on a rusty nail.
I get hives from sandy beaches.
My sandy eyes, they're dry as can be.
I feel violet flashes in my left eye.
The pearl under my skin, is that a cyst?
I'm out of patience with this cough.
Have mercy, it hurts.
She's an angel, that nurse on nights.
We had a white Christmas and I slipped.
I've had it since Christmas.
It started around Thanksgiving.
Right after Easter I got the shingles.
I've been off since the Fourth of July cookout.
We overate at Passover and my gout flared.
I'm fasting for Ramadan, what about my insulin?
I twisted it dancing at a Diwali party.
Since Halloween he's had a bellyache.
I only drink on New Year's.
The Super Bowl party did me in.
My blood pressure was #142 over #90.
My sugar was #210 this morning.
Her A1C came back at #7.
His oxygen was #93 on room air.
His oxygen was ninety four percent.
I weigh #194 pounds.
My pulse was #98.
It was ninety five degrees out and I got dizzy.
Ninety percent of the time it's fine.
I need a ninety day supply.
It's ninety milligrams, twice a day.
We waited ninety minutes.
The copay was ninety two dollars.
I'm #71 and I still work out.
He's #45.
She's #68 years old.
My mom was #82 when she passed.
I'm turning #60 and need the colonoscopy.
The baby is nine months old.
He's eighty nine, almost there.
How old are you? || #57.
How old is the patient? || She's #34.
And his age? || #12.
I take {drug} for my sugar.
I take {drug} and {drug} in the morning.
I ran out of {drug}.
I need a refill on {drug}.
I'd like to stop the {drug}, it makes me foggy.
Is {drug} the same thing as {drug}?
Can I take {drug} with {drug}?
Does {drug} make you gain weight?
Did they call in the {drug}?
My insurance won't cover {drug}.
The {drug} is giving me the runs.
They switched me from {drug} to {drug}.
I missed two doses of {drug}.
I threw up the {drug}.
I'm allergic to {drug}.
How much {drug} is too much?
Which medication? || {drug}.
What are you taking? || Just {drug}.
What are you taking? || {drug}, {drug}, and a baby aspirin.
Any allergies? || {drug}, it gives me hives.
Any allergies? || Just shellfish and latex.
Any allergies? || No.
The generic for {drug} doesn't work on me.
Half a {drug} at bedtime, that's it.
Hold the {drug} before the procedure, right?
I got the coupon for {drug}.
My mother had {ep}.
They think it's {ep}.
Is it {ep} or just getting old?
I was diagnosed with {ep} in my thirties.
Do you have anyone who treats {ep}?
Does {ep} run in families?
My dad's {ep} is getting worse.
They ruled out {ep}.
I read about {ep} and got scared.
What runs in the family? || {ep} on my father's side.
What was the diagnosis? || {ep}.
She has {ep} and he has {ep}.
I'm here about the {ep} pamphlet.
There's a support group for {ep}.
Do you have a history of {ep}?
Let's screen you for {ep}.
It's not {ep}, it's a pinched nerve.
What's going on? || I've got {sym}.
What brings you in? || {sym}, mostly.
I have {sym}.
I've had {sym} for a week.
I woke up with {sym}.
He's got {sym} and {sym}.
Is {sym} a side effect?
She's complaining of {sym}.
Do you take {ins}?
Do you take {ins} or {ins}?
I have {ins}.
I have {ins} and {ins} as a backup.
I switched from {ins} to {ins}.
Who is your insurance? || {ins}.
Who is your insurance? || It's {ins}, the gold plan.
{ins} denied the claim.
{ins} said I need a prior authorization.
Is {ins} in network?
Does {ins} pay for a shingles shot?
{ins} wants a letter.
March in place for two minutes and then sit.
March up and down the stairs, no chest pain.
I drink from a china cup, could there be lead in it?
I had a turkey sandwich before the blood draw.
I ate a turkey leg and my gout came back.
Is it okay to eat brazil nuts?
I had some swiss cheese and broke out.
I ate french fries, that's what did it.
It's a german shepherd that bit me.
A chihuahua bit my ankle.
I had chile peppers and then the heartburn.
My chili was too hot.
I had a philly cheesesteak and regretted it.
I choked on a canadian bacon pizza.
It was a boston terrier, up to date on shots.
I take english breakfast tea with it.
Do you have someone who speaks Vietnamese?
Can I get an interpreter for Haitian Creole?
My mom only speaks Polish.
Do you have forms in Spanish?
He speaks Arabic and a little English.
We speak Tagalog at home.
Is there a Korean speaking nurse?
I'm Irish, I burn easily.
We're Greek, there's thalassemia in the family.
Are you of Ashkenazi descent?
She's Native American, does that matter for the test?
It's a Navajo blanket, and I think the wool itches.
I do Russian twists, is that bad for my back?
It's an Achilles problem.
My Adam's apple hurts.
I hurt my Achilles.
My Eustachian tubes are blocked.
They checked my Babinski reflex.
I had a Pap smear last year.
I need a Holter monitor.
I had a Mohs procedure on my nose.
They put in a Foley.
He does the Epley at home for vertigo.
I do Kegels.
I had a Whipple.
They used the Heimlich on him.
The Moro reflex is normal.
The Glasgow score was fifteen.
They did a Doppler on my leg.
I have a Hickman line.
The Apgar was nine.
I was on a Bradford scale or something.
My Braxton Hicks are getting stronger.
I've got a Charley horse.
I've got a Charley horse every night.
I had a Montezuma's revenge kind of trip.
It's a Murphy bed, I hit my head.
The Baker's cyst popped.
They call it Legionnaires'.
She's on the Atkins diet.
I tried Jenny Craig.
I'm on the Mediterranean diet.
I use Johnson's baby shampoo.
Ben Gay doesn't touch it.
I put Neosporin on it.
I use Vicks on my chest.
I took some Alka Seltzer.
I had a Dr Pepper and my heart raced.
I drink a lot of Arnold Palmers.
I had a Shirley Temple and threw up.
I ate at Wendy's and got food poisoning.
Papa John's gave me heartburn.
I eat Ben and Jerry's every night.
I ate a Baby Ruth, that's all.
I had two Bloody Marys.
I had a Caesar salad.
Does a Reuben have too much salt?
Eggs Benedict, and then I was sick.
I made a Cobb salad like you said.
I drink Earl Grey.
I had Cap'n Crunch, that was breakfast.
Aunt Jemima syrup, is that out?
I put Mrs. Dash on it instead of salt.
I drank Jack Daniel's, I won't lie.
I have a glass of Jim Beam now and then.
I smoke Marlboros.
I use a Philips machine for my apnea.
I got a Fitbit and my heart rate's weird.
My Dexcom keeps alarming.
My Omron says one fifty.
I checked it on my Apple Watch.
I need help with MyChart.
The portal's down.
I burned my hand on the Crock Pot.
I pulled my back lifting a Harley.
I cut my hand on a Mason jar.
I fell off my Schwinn.
I was wearing Doc Martens and got a blister.
I got stuck by a Phillips screwdriver.
Transfer me to radiology please.
Which department? || Cardiology.
Which department? || Billing.
Which department? || Pediatrics, I think.
I need orthopedics.
I'd like to speak to the front desk.
Is this dermatology?
Is the lab open on Saturday?
What time do you open?
What are your hours?
Do I need to fast?
Should I bring my insurance card?
Where do I park?
Is there a wheelchair ramp?
Is it okay if I'm ten minutes late?
I'd like the earliest you have.
Anything in the afternoon is fine.
Tuesday works.
Do you have anything tomorrow?
Can we make it later, like at four?
I need to cancel.
I need to reschedule, something came up.
I was on hold for twenty minutes.
I got disconnected.
Could you say that again?
You're breaking up.
Could you speak up, I have hearing aids.
I'll call back.
Thank you, have a good one.
No that's all, thanks.
Yes.
Yes, that's correct.
No.
Uh huh, sure.
Okay sounds good.
I'm sorry, what?
Anything else? || No, that's it.
Is this a good time? || Yes, go ahead.
Are you a new patient? || No, I've been coming for years.
Are you a new patient? || Yes, first time.
Can you hold? || Sure.
Morning or afternoon? || Morning please.
How can I help you? || I need a physical.
How can I help you? || I'm returning a call.
How can I help you? || It's about my bill.
Would you like a reminder? || Yes, a text is fine.
What's your name? || Can you hear me first?
What's your name? || I'd rather not say.
What's your address? || Do you really need that?
Who's your employer? || I'm retired.
Who's your employer? || I don't work, I'm on disability.
Where do you work? || From home.
Where do you work? || I'm a stay at home mom.
Where do you live? || With my parents.
What's your email? || I don't have one.
What city are you in? || Why do you ask?
Apartment number? || There isn't one.
Who's the appointment for? || For me.
Who's the appointment for? || My daughter.
Who's the appointment for? || My husband and me.
Are you allergic to anything? || Bees.
How bad is the pain? || About a seven out of ten.
How bad is the pain? || Eight, when I move.
How much do you drink? || A beer with dinner.
Do you smoke? || Half a pack a day.
Do you exercise? || I walk around the block.
Any surgeries? || Just my tonsils.
Any surgeries? || A C section and a hernia.
When did it start? || A couple weeks ago.
When did it start? || Last night.
It's raining cats and dogs here.
It's been so hot, I can't sleep.
We had snow up to the windows.
The wind blew the pollen everywhere.
It's humid, and my joints know it.
The storm knocked out my CPAP.
My kids are driving me crazy.
My son is in kindergarten.
My daughter just had a baby.
The grandkids gave me their cold.
My wife does all the cooking.
My husband's a snorer.
My mother lives with us.
My sister had breast cancer at forty.
My brother's got high cholesterol.
We're on a tight budget.
The dog keeps me moving.
My cat scratched me.
I garden, that's my exercise.
I sit all day at a desk.
I stand all day at work.
I drive a truck for a living.
I work at a warehouse, lots of lifting.
I work nights, so I sleep days.
I got laid off in the winter.
My boss won't let me take breaks.
I'm a teacher, I lose my voice.
I'm a nurse at a nursing home.
I live on the third floor, no elevator.
I live in the country, we have well water.
I live by myself.
We just moved and the boxes did my back in.
I just moved here from another state.
I was at the beach and got stung.
I was at church and got lightheaded.
I fell in the shower.
I slipped on ice in the driveway.
I was on the street and a dog came at me.
I took a wrong turn on the road to recovery, so to speak.
The left knee is worse than the right.
My left hand goes numb.
My temple throbs on the right side.
The bridge of my nose is sore.
My palm itches.
The crown on my tooth fell off.
I have a stone in my kidney.
It's a small stone, they said.
My stool was black.
My foot's asleep.
My heel hurts first thing in the morning.
The arch of my foot aches.
My iris looks cloudy.
My crown came off, is that a dentist thing?
I ate some bad fish.
I ate lamb and felt off.
I had rice and beans.
I had a pepper that was too hot.
I have coffee, black, all day.
I cut out bacon.
My bird died and I've been low.
There's a wolf spider in the house, it bit me.
Fox news was on and my pressure went up.
I got poison ivy.
I got sap in my eye from a green branch.
I planted roses and got a thorn.
I sat on a hill and got chiggers.
I swam in the lake.
I stopped at the park bench to catch my breath.
We walk in the woods, check for ticks.
I have a hard time with stairs.
My nails are brittle.
It looks like a cherry, red and round.
It's the size of a pea.
It's like a belt around my chest.
It feels like sand paper.
It's sharp, then it's dull.
It comes and goes.
It burns when I pee.
Breathe in, hold it, and out.
Say ah.
Follow my finger with your eyes.
I'm going to press here, tell me if it hurts.
Lay back for me.
Any numbness or tingling?
Any fever or chills?
Any blood in the urine?
Have you traveled recently?
Are you sleeping okay?
Let's check a CBC and a thyroid panel.
Let's get an MRI of the lumbar spine.
We'll start you on {drug} #20 milligrams.
Your cholesterol is #231.
Your kidneys look good.
Your iron is low.
Your vitamin D was #19.
I'd like you to see a specialist.
I'd stay off it for two weeks.
Ice it for twenty minutes at a time.
Come back in six months.
Drink plenty of water.
You'll get a call from the lab.
No driving for a day.
The results will be in on Friday.
Please listen as our menu has changed.
Press one for refills.
Your call may be recorded.
This call will be answered in the order received.
Stay on the line please.
I'll transfer you to the pharmacy.
Let me check with the nurse.
Let me see what we have.
Let me pull that up.
Are you still there?
The doctor is running behind.
The doctor will call you back by five.
I can offer you ten thirty or two fifteen.
We don't have anything until next week.
We'll see you then.
Is there anything else I can help you with?
I show a balance of sixty two dollars.
You'll want to arrive fifteen minutes early.
We don't accept {ins} at this time.
We sent the {drug} to your pharmacy.
We validate parking.
Say hope, now say rope.
Art supplies gave me a rash on my fingers.
Dean's list or not, that kid doesn't sleep.
I may, I may not, depends how I feel.
Will it hurt?
Will that be covered?
Will {drug} keep me up at night?
Rich or poor, everybody gets the flu.
Hunter green, that's the color of what I coughed up.
Miles of walking and still no weight loss.
My carpenter job wrecked my shoulders.
I'm a baker, and the flour bothers me.
My cook at home uses too much salt.
The walker's wheels stick.
The carter at the warehouse ran over my toe.
The mason's dust got in my lungs, the one doing our patio.
I used a potter's wheel and my wrist hurts.
The fisher cat scared me and I fell.
Case closed, I'm not taking it.
In case it gets worse, who do I call?
In any case, thanks.
I was at the bank and got dizzy.
I lost my glasses at the store.
I pulled something at the gym.
I had a blood test at Quest.
I had it done at LabCorp.
I pick up at CVS.
I use Walgreens.
I get it from the Costco pharmacy.
Amazon delivers my strips.
I ordered a brace on Amazon.
I slipped at Walmart.
I bought it at Target.
I ate Tyson chicken and got sick.
My Ford's seat kills my back.
I drive a Toyota, the seat's too low.
I took an Uber here.
I flew Delta and my ears popped.
I watched it on YouTube.
I googled it, that was a mistake.
I saw an ad for {drug} on TV.
The Pfizer or the Moderna?
I had the Johnson and Johnson shot.
It was the AstraZeneca one.
The West Nile, is that going around?
Is it Zika?
I think it's Rocky Mountain spotted fever.
Could it be Lyme?
Is Ebola still a thing?
Do I need a German measles shot?
I got the Hong Kong flu back as a kid.
I had Spanish rice and it came right up.
I have a Persian cat and I'm allergic.
I laid on a Turkish rug and got itchy.
I had a Danish with my coffee.
I had Chinese food and my hands swelled.
It's a Mexican restaurant, everything has cheese.
I did a Brazilian wax and it's infected.
I'm on a Portuguese tile floor all day, it's hard on my feet.
Jersey fabric is fine, wool isn't.
I take Cuban coffee, is that too strong?
I had a Long Island iced tea.
I put Texas Pete on everything.
It was a Georgia peach, and my mouth itched.
I dropped a Dutch oven on my foot.
I had a New York strip.
I have Oscar, the insurance, and they sent me a new card.
It started in my foot, then it went up the leg, and by the time I got to the car I couldn't feel my toes.
I take the {drug} in the morning, the {drug} at night, and if I may ask, do I really need the {drug}?
So the pain's on the right side, under the ribs, and it gets worse when I eat anything greasy.
I was up all night, coughing, and I hope it isn't pneumonia again.
My mother had {ep}, my father had a bad heart, and I'm just trying to stay ahead of it.
The weather's been so gray, and the kids are home, and I think I'm just worn out.
We had people over for Thanksgiving, I ate too much, and I've had {sym} since then.
They told me {ins} would cover it, then I got a bill for two hundred dollars.
It's a long drive, so could we do it by video, will that work?
I'm #89 and my wife's #87, and we still bowl.
Your blood count's fine, your thyroid's a little low, so we'll bump up the {drug} and recheck in six weeks.
Okay, we're going to do a quick test, touch your nose and then my finger, good, now the other hand.
I've had two cups of coffee, a danish, and some grapes, so I guess I'm not fasting.
My grandson's home sick, my daughter's at work, and I can't lift him.
'''
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDW = {'one':'first','two':'second','three':'third','five':'fifth','eight':'eighth','nine':'ninth','twelve':'twelfth'}
MONTHS = "January February March April May June July August September October November December".split()
def words(n):
    if n < 20: return ONES[n]
    if n < 100: return TENS[n//10] + (' ' + ONES[n % 10] if n % 10 else '')
    if n < 1000:
        return ONES[n//100] + ' hundred' + ((' and ' if n < 110 else ' ') + words(n % 100) if n % 100 else '')
    return words(n//1000) + ' thousand' + (' ' + words(n % 1000) if n % 1000 else '')
def ordinal(n):
    w = words(n).split(); l = w[-1]
    w[-1] = ORDW.get(l, l[:-1]+'ieth' if l.endswith('y') else l+'th'); return ' '.join(w)
def digits(s, oh=True):
    z = R.choice(['oh','zero']) if oh else 'zero'
    return ' '.join(z if c == '0' else ONES[int(c)] for c in s)
def spoken(s):                        # a house number, highway
    n = int(s)
    if len(s) <= 2: return words(n)
    if len(s) == 3: return R.choice([digits(s), words(n//100)+' '+(words(n % 100) if n % 100 > 9 else ('hundred' if n % 100 == 0 else 'oh '+words(n % 100)))])
    if len(s) == 4:
        a, b = n//100, n % 100
        return R.choice([digits(s), words(a)+' '+('hundred' if b == 0 else words(b) if b > 9 else 'oh '+words(b))])
    return digits(s)
def year(n):
    a, b = n//100, n % 100
    if n >= 2000: return 'two thousand' + (' '+words(b) if b else '')
    return words(a)+' '+(words(b) if b > 9 else 'oh '+words(b) if b else 'hundred')
def origin(): return NM[R.choice(PLAINW) if R.random() < .25 else R.choice(ORI)]
class Case:
    """one rendering: cached fillers, and a text built with a parallel span number per character"""
    def __init__(s, style): s.style, s.cache, s.used, s.tab = style, {}, set(), []
    def fresh(s, f):
        for _ in range(50):
            v = f()
            if v not in s.used: break
        s.used.add(v); return v
    gen = ''
    def pick(s, l):
        c = [x for x in l if not s.gen or x in UNI or (x in MALE) == (s.gen == 'm')]
        return R.choice(c or l)
    def given(s): return s.fresh(lambda: s.pick(origin()[0]))
    def fam(s): return s.fresh(lambda: R.choice(origin()[1]))
    def full(s):
        o = origin(); g = s.fresh(lambda: s.pick(o[0])); r = R.random()
        o2 = origin() if r > .85 else o
        f = s.fresh(lambda: R.choice(o2[1]))
        r = R.random()
        if r < .06: return g+' '+R.choice('ABCDEGJKLMRST')+'. '+f
        if r < .12: return g+' '+s.fresh(lambda: s.pick(o[0]))+' '+f
        if r < .17: return g+' '+f+'-'+R.choice(origin()[1])
        return g+' '+f
    def slot(s, k, n):
        key = k+n
        if n and key in s.cache: return s.cache[key]
        v = s.make(k, n)
        if n: s.cache[key] = v
        return v
    def spell(s, w):
        L = re.sub('[^A-Za-z]', '', w).upper()
        word = {'A':'apple','B':'boy','C':'cat','D':'dog','E':'echo','F':'Frank','G':'George','H':'house','K':'king','L':'lion','M':'Mary','N':'Nancy','P':'Paul','R':'Robert','S':'Sam','T':'Tom','V':'Victor','W':'water','Z':'zebra'}
        out, i = [], 0
        hints = R.random() < .25
        while i < len(L):
            c = L[i]
            if i+1 < len(L) and L[i+1] == c and R.random() < .5: out.append('double '+c); i += 2; continue
            if hints and c in word and R.random() < .4: out.append(c+R.choice([' as in ',' for ',' like '])+word[c])
            else: out.append(c)
            i += 1
        if s.style == 'asr_raw' or any(len(x) > 1 for x in out): return (', ' if s.style == 'written' else ' ').join(out)
        return R.choice(['-',' ','. ',', ']).join(out)
    def make(s, k, n):
        raw = s.style == 'asr_raw'; P = lambda t, l='', o=False: [(t, l, o)]
        dig = not raw and not (s.style == 'asr' and R.random() < .25)
        if k == 'g': return P(s.given(), 'NAME')
        if k == 'f': return P(s.fam(), 'NAME')
        if k == 'fn': return P(s.full(), 'NAME')
        if k == 'fs':
            suf = R.choice(['Junior','the third','the second','Senior','the fourth']) if s.style != 'written' else R.choice(['Jr.','Sr.','III','II','IV'])
            return P(s.given()+' '+s.fam()+' '+suf, 'NAME')
        if k == 'db': return P(s.given()+' '+s.fam()+R.choice(['-','-',' '])+s.fam(), 'NAME')
        if k == 'nk': return P(s.fresh(lambda: R.choice(NICK)), 'NAME')
        if k == 'wg': return P(s.fresh(lambda: s.pick(WORDG)), 'NAME')
        if k == 'wf': return P(s.fresh(lambda: R.choice(WORDF)), 'NAME')
        if k == 'mg': return P(s.fresh(lambda: R.choice(MISG)), 'NAME')
        if k == 'mf': return P(s.fresh(lambda: R.choice(MISF)), 'NAME')
        if k == 'mm':
            return P(R.choice([lambda: s.given()+' '+R.choice(MISF), lambda: R.choice(MISG)+' '+s.fam(), lambda: R.choice(MISG)+' '+R.choice(MISF)])(), 'NAME')
        if k == 'sp': return P(s.spell(s.slot('f', n)[0][0] if n else s.fam()), 'NAME')
        if k == 'gsp': return P(s.spell(s.slot('g', n)[0][0] if n else s.given()), 'NAME')
        if k == 'doc': return P(R.choice(['Dr. ','Doctor '])+R.choice(STAFF), 'NAME', True)
        if k == 'city': return P(s.fresh(lambda: R.choice(CITIES)), 'ADDRESS')
        if k == 'sm': return P(s.fresh(lambda: R.choice(SMALL)), 'ADDRESS')
        if k == 'cnty': return P(s.fresh(lambda: R.choice(COUNTY))+' County', 'ADDRESS')
        if k == 'cntyn': return P(s.fresh(lambda: R.choice(COUNTY)), 'ADDRESS')
        if k == 'st': return P(s.fresh(lambda: R.choice(STREETN)), 'ADDRESS')
        if k == 'state': return P(R.choice(STATES), 'ADDRESS', True)
        if k in ('str', 'sa'):
            ty = R.choice(STYPE)
            if s.style == 'written' and R.random() < .4: ty = {'Street':'St','Avenue':'Ave','Drive':'Dr','Road':'Rd','Lane':'Ln','Boulevard':'Blvd','Court':'Ct'}.get(ty, ty)
            nm = s.fresh(lambda: R.choice(STREETN)) if R.random() < .88 else R.choice('First Second Third Fifth Ninth Twelfth'.split())
            t = R.choice(['','','','','North ','West ','Southeast ']) + nm + ' ' + ty
            if k == 'str': return P(t, 'ADDRESS')
            no = str(R.choice([R.randint(3, 99), R.randint(100, 999), R.randint(1000, 9999), R.randint(1000, 9999), R.randint(10000, 29999)]))
            return P((no if not raw else spoken(no))+' '+t, 'ADDRESS')
        if k == 'apt':
            no = R.choice([lambda: str(R.randint(1, 30)), lambda: str(R.randint(100, 940)), lambda: str(R.randint(1, 24))+R.choice('ABCDEF'), lambda: R.choice('ABCDE')])()
            m = re.match(r'(\d*)([A-Z]?)', no)
            w = ((spoken(m[1])+' ' if m[1] else '')+m[2]).strip()
            return [(R.choice(['Apartment ','apartment ','apartment ','Apt. ' if s.style == 'written' else 'apartment ']), 'ADDRESS', True), (no if dig else w, 'ADDRESS', False)]
        if k == 'unit':
            w = R.choice(['unit','lot','number','trailer','building']); no = str(R.randint(2, 320))
            return P(w+' '+(no if dig else spoken(no)), 'ADDRESS')
        if k == 'zip':
            z = '%05d' % R.randint(10001, 99950)
            return P(z if dig else R.choice([digits(z), digits(z[:3])+' '+(words(int(z[3:])) if int(z[3:]) > 9 else digits(z[3:]))]), 'ADDRESS')
        if k == 'n':
            no = str(R.randint(101, 9900)); return P(no if dig else spoken(no), 'ADDRESS')
        if k == 'emp': return P(s.fresh(lambda: R.choice(EMP)), 'ORG_EMPLOYER')
        if k == 'plt': return P(s.fresh(lambda: R.choice(PLANT)), 'ORG_EMPLOYER')
        if k in ('age', 'by'):
            if 'A'+n not in s.cache or not n: s.cache['A'+n] = R.choice(list(range(90, 100))*3+list(range(100, 108)))
            a = s.cache['A'+n]
            if k == 'by':
                y = 2026-a
                return P(str(y) if not raw and R.random() < .7 else R.choice([year(y), words(y % 100)]) if y % 100 > 20 else year(y), 'DATE', True)
            w = words(a)
            if a >= 100 and R.random() < .5: w = 'a'+w[3:]
            return P(str(a) if not raw and (dig if s.style == 'asr' and R.random() < .6 else s.style == 'written' and R.random() < .75) else w, 'AGE90')
        if k == 'ord':
            a = R.randint(90, 102); return P(str(a)+('th' if a % 10 not in (1,2,3) else {1:'st',2:'nd',3:'rd'}[a % 10]) if dig and R.random() < .6 else ordinal(a) if a != 100 else 'hundredth', 'AGE90')
        if k == 'em':
            o = origin(); g = re.sub('[^a-z]', '', R.choice(o[0]).lower()); f = re.sub('[^a-z]', '', R.choice(o[1]).lower()); no = str(R.randint(2, 99))
            u = R.choice([[g,'.',f],[g,'_',f],[g[0],f],[g,f[0],no],[f,'.',g],[f,no],[g,'-',f],[R.choice(['grandma','coach','big','mama','nurse','fishing','the']),g,no],[R.choice(['sunflower','bluejay','harleyrider','catlady','gumbo','mustang']),no],[g,f]])
            d = R.choice(['gmail.com']*4+['yahoo.com','yahoo.com','hotmail.com','outlook.com','aol.com','icloud.com','comcast.net','att.net','proton.me','sbcglobal.net','wayne.edu','live.com'])
            if s.style == 'written' or (s.style == 'asr' and R.random() < .5): return P(''.join(u)+'@'+d, 'EMAIL')
            o = []
            sp = raw and R.random() < .2
            for x in u:
                if x in '._-': o.append({'.':'dot','_':'underscore','-':R.choice(['dash','hyphen'])}[x])
                elif x.isdigit(): o.append(x if not raw else R.choice([words(int(x)), digits(x)]))
                elif sp: o.append(' '.join(x))
                else: o.append(x)
            d = d.replace('sbcglobal','s b c global').replace('aol','a o l').replace('att','a t t').replace('icloud','i cloud')
            return P(' '.join(o)+' at '+d.replace('.', ' dot ').replace('edu','e d u' if raw else 'edu'), 'EMAIL')
        if k == 'ph':
            a, b, c = str(R.randint(201, 989)), '555', '%04d' % R.randint(0, 9999)
            return P(a+'-'+b+'-'+c if not raw else digits(a)+' '+digits(b)+' '+digits(c), 'PHONE')
        if k == 'dt':
            m, d, y = R.choice(MONTHS), R.randint(1, 28), R.randint(1938, 2021)
            if n == '': y = R.randint(1938, 2021)
            return P('%s %d, %d' % (m, d, y) if not raw else m+' '+ordinal(d)+' '+year(y), 'DATE')
        if k == 'dn':
            m, d = R.choice(MONTHS), R.randint(1, 28)
            return P(m+' '+(ordinal(d) if raw else str(d)+R.choice(['','','th' if 3 < d < 21 or d % 10 not in (1,2,3) else {1:'st',2:'nd',3:'rd'}[d % 10]])), 'DATE')
        if k == 'id':
            L, d = R.choice('ABHKMWX')+R.choice('CDEJPQ'), str(R.randint(10**6, 10**8))
            return P(L+d if not raw else ' '.join(L)+' '+digits(d), 'ID')
        if k == 'clk': return P(R.choice(['nine','ten thirty','two','three fifteen','four','eleven','one thirty','noon']), 'DATE', True)
        if k == 'wd': return P(R.choice(['Monday','Tuesday','Wednesday','Thursday','Friday','Saturday']), 'DATE', True)
        if k == 'drug': return P(s.fresh(lambda: R.choice(DRUG)))
        if k == 'ep': return P(s.fresh(lambda: R.choice(EPON)))
        if k == 'ins': return P(s.fresh(lambda: R.choice(INS)))
        if k == 'sym': return P(s.fresh(lambda: R.choice(SYM)))
        raise KeyError(k)
    def expand(s, fr):
        parts = []
        for m in re.finditer(r"\{([a-z]+)(\d*)\}|\[([A-Za-z9]):([^\]]*)\]|#(\d+)|[^{\[#]+|.", fr):
            if m[1]:
                if m[1] in ('g','fn','wg','db','fs'):
                    b, a = fr[:m.start()], fr[m.end():]
                    M = re.search(r"(?i)\b(husband|dad|father|son|grandson|brother|brother-in-law|uncle|nephew|boyfriend|grandpa|grandfather|boys|ex-husband|mister|mr\.|pastor|landlord|coach|stepdad|man)(,| is| said| are|,? \w+,)?,? ?$", b) or m[1] == 'fs'
                    F = re.search(r"(?i)\b(wife|mom|mother|mama|mother-in-law|daughter|granddaughter|sister|aunt|niece|girlfriend|fiancee|grandma|grandmother|girls|missus|miss|mrs\.|ms\.|babysitter)(,| is| said| are|,? \w+,)?,? ?$", b)
                    one = len(re.findall(r"\{(g|fn|wg|db)\d*\}", fr)) == 1
                    rest = b[-25:]+' '+a
                    if not M and not F and one:
                        M = re.search(r"(?i)\b(he|him|his|he's|man)\b", rest); F = re.search(r"(?i)\b(she|her|she's|woman|wife)\b", rest)
                    s.gen = 'm' if M and not F else 'f' if F and not M else ''
                parts += s.slot(m[1], m[2]); s.gen = ''
            elif m[3]:
                lab = {'N':'NAME','A':'ADDRESS','E':'ORG_EMPLOYER','9':'AGE90','D':'DATE','M':'EMAIL','P':'PHONE','I':'ID'}[m[3].upper()]
                parts.append((m[4], lab, m[3].islower()))
            elif m[5]: parts.append((m[5] if s.style != 'asr_raw' else words(int(m[5])), '', False))
            else:
                t = m[0]
                if parts and parts[-1][1] and re.match(r's\b', t):          # the Okonkwos
                    w, l, o = parts[-1]; parts[-1] = (w+('es' if re.search('(s|x|z|ch|sh)$', w) else 's'), l, o); t = t[1:]
                parts.append((t, '', False))
        out = []
        for t, l, o in parts:
            sid = 0
            if l == 'NAME' and not o and len(out) > 1 and out[-1] == (' ', 0) and out[-2][1] and s.tab[out[-2][1]-1] == ('NAME', False):
                sid = out[-2][1]; out[-1] = (' ', sid)                      # given and family name: one span
            elif l: s.tab.append((l, o)); sid = len(s.tab)
            if l == 'AGE90' and t.startswith('a ') and out and re.search(r"\ba $|\b(at|someone|Age) $", ''.join(c for c, _ in out)): t = 'one'+t[1:]
            out += [(c, sid) for c in t]
        return out
REL = r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: (?:morning|night|afternoon))?\b|\b(?:today|tomorrow|yesterday|tonight)(?: (?:morning|night|evening))?\b|\b(?:last|next|this) (?:week|month|year|morning|night|afternoon|evening|weekend)\b|\b(?:a couple|a few|two|three|five) (?:days|weeks|months|years) ago\b|\bnoon\b|\bby five\b|\blike at four\b|\bat three(?=\.)|\bten thirty\b|\btwo fifteen\b"
TITLE = r"(?i)\b(?:mister|mr\.?|missus|mrs\.?|miss|ms\.?|aunt|uncle|grandma|pastor|cousin|coach) $"
def txt(cs): return ''.join(c for c, _ in cs)
def sub(cs, pat, f, flags=0):
    t, out, p = txt(cs), [], 0
    for m in re.finditer(pat, t, flags):
        a, b = m.span(); r = f(m)
        if r is None: continue
        ids = {i for _, i in cs[a:b]}; assert len(ids) == 1 or ids <= {0} or not r.strip() or all(i == 0 or not ch.isalnum() for ch, i in cs[a:b]), t; sid = ids.pop() if len(ids) == 1 else 0
        out += cs[p:a]+[(c, sid) for c in r]; p = b
    return out+cs[p:]
OPEN = ["Yeah, ", "Yes, ", "Um, ", "Okay so ", "Well, ", "Oh, ", "Right, ", "Uh, ", "So, ", "Well you see, ", "Honestly, ", "Okay, ", "See, "]
HELLO = ["Hi, ", "Hi there, ", "Good afternoon, ", "Hello, ", "Good morning, ", "Hey, "]
CLOSE = [" Thank you.", " Thanks.", " Sorry.", " Okay?", " So yeah.", " Just so you know.", " That's about it.", " You know?", " Thanks so much."]
AGENT = re.compile(r"press|I'd like you|Ice it|We'll|We don't (accept|have any)|We sent|We validate|I can offer|I show a|I'll transfer|The doctor|The results|I'm going to press|I'd stay|I'm showing|I have two|I've reviewed|I want you to stop|I saw \{|We have \{|The .* family is|I have a \{wg|He denies|The caller|The patient|reflex|score was|Apgar|is normal|Your|You'll|You'd|Lay back|Let's|I'm calling from|We treat")
GPREV = ["How can I help you?", "Okay.", "Go ahead.", "Anything else?", "Tell me what's going on.", "Mm hmm.", "All right, what else?", "Thank you for calling, how may I help you?", "And what happened?", "I see."]
CALLER = r"(?:I|I'm|I've|My|We|We're|He|He's|She|She's|They|It's|Our|The|Ever|Since|When) "
def opt_marks(c, cs):
    t = txt(cs)
    for m in re.finditer(REL, t, re.I):
        if all(i == 0 for _, i in cs[m.start():m.end()]):
            c.tab.append(('DATE', True)); k = len(c.tab)
            cs[m.start():m.end()] = [(ch, k) for ch, _ in cs[m.start():m.end()]]
    starts = [i for i in range(1, len(cs)) if cs[i][1] and cs[i][1] != cs[i-1][1] and c.tab[cs[i][1]-1][0] == 'NAME']
    for i in starts:
        m = re.search(TITLE, t[:i])
        if m and all(x == 0 for _, x in cs[m.start():i]):
            c.tab.append(('NAME', True)); k = len(c.tab)
            cs[m.start():i-1] = [(ch, k) for ch, _ in cs[m.start():i-1]]
    return cs
HEAR = {'for':'four','your':"you're",'hear':'here','their':'there','knee':'need','scan':'skin','labs':'lads','dose':'doze','clinic':'clinical','refill':'re fill','nurse':'nerves','chart':'charge','calling':'call in','appointment':'a point meant','records':'record','blood':'blow','daughter':'doctor','cast':'cash','fever':'favor','rash':'wretch'}
def style_asr(c, cs):
    r = R.random()
    cs = sub(cs, r"\b(Mr|Mrs|Ms|Dr)\.(?= )", lambda m: R.choice([m[0], {'Mr':'Mister','Mrs':'Missus','Ms':'Miss','Dr':'Doctor'}[m[1]]]))
    if R.random() < .05: cs = sub(cs, r"\b(%s)\b" % '|'.join(HEAR), lambda m: HEAR[m[1]] if R.random() < .7 and all(i == 0 for _, i in cs[m.start():m.end()]) else None)
    if R.random() < .14: cs = sub(cs, r",", lambda m: '' )
    elif R.random() < .07:
        cs = sub(cs, r", (\w)", lambda m: None); t = txt(cs); k = [i for i in range(len(t)-2) if t[i] == ',' and cs[i][1] == 0 and t[i+2].isalpha() and cs[i+2][1] == 0]
        if k: i = R.choice(k); cs[i] = ('.', 0); cs[i+2] = (cs[i+2][0].upper(), cs[i+2][1])
    if R.random() < .16:                                        # names in small letters
        sids = {i for _, i in cs if i and not c.tab[i-1][1] and c.tab[i-1][0] in ('NAME','ADDRESS','ORG_EMPLOYER')}
        k = {i for i in sids if R.random() < .7}
        cs = [(ch.lower() if i in k else ch, i) for ch, i in cs]
    if R.random() < .06: cs = sub(cs, r" ([a-z]{4,})\b", lambda m: ' '+m[1].capitalize() if R.random() < .15 and all(i == 0 for _, i in cs[m.start():m.end()]) else None)
    if r < .09: cs = [(ch, i) for ch, i in cs if ch not in ',?!'] ; cs = sub(cs, r"\.(?= |$)", lambda m: ''); cs = [(ch.lower(), i) for ch, i in cs]
    elif r < .22: cs = sub(cs, r"[.!]$", lambda m: '')
    elif r < .25: cs = sub(cs, r"\?$", lambda m: '.')
    return cs
RAWT = {'mr':'mister','mrs':'missus','ms':'miss','dr':'doctor','jr':'junior','sr':'senior','st':'saint','apt':'apartment','tv':'t v','er':'e r','mri':'m r i','cbc':'c b c','hr':'h r','cpap':'c pap','hipaa':'hippa','fmla':'f m l a','a1c':'a one c','ups':'u p s','cvs':'c v s','p':'p','iii':'the third','ii':'the second','iv':'i v'}
def style_raw(c, cs):
    cs = [(ch.lower(), i) for ch, i in cs]
    cs = sub(cs, r"\b(mr|mrs|ms|dr|st|apt)\.", lambda m: RAWT[m[1]])
    cs = sub(cs, r"\b(tv|er|mri|cbc|hr|cpap|hipaa|fmla|a1c|ups|cvs)\b", lambda m: RAWT[m[1]])
    cs = sub(cs, r"\d+", lambda m: spoken(m[0]))
    if R.random() < .05: cs = sub(cs, r"\b(%s)\b" % '|'.join(HEAR), lambda m: HEAR[m[1]] if all(i == 0 for _, i in cs[m.start():m.end()]) else None)
    cs = sub(cs, r"[.,?!]", lambda m: ' ')
    cs = sub(cs, r"-", lambda m: ' ')
    cs = sub(cs, r" +", lambda m: ' ')
    while cs and cs[-1][0] == ' ': cs.pop()
    while cs and cs[0][0] == ' ': cs.pop(0)
    t = txt(cs)
    gaps = [i for i, ch in enumerate(t) if ch == ' ' and cs[i][1] == 0]
    if R.random() < .24 and gaps:
        for i in sorted(R.sample(gaps, min(len(gaps), R.choice([1, 1, 2]))), reverse=True):
            w = R.choice([' uh', ' um', ' uh', ' um', ' uh', ' you know']); cs[i:i] = [(x, 0) for x in w]
    elif R.random() < .12 and len(t) > 15: cs = [(x, 0) for x in R.choice(['uh ', 'um ', 'yeah uh ', 'okay um '])]+cs
    if R.random() < .10:
        m = re.match(r"(?:uh |um )?(i'm|it's|my|i|the|she's|he's|we|is|can|she|he|so|and) ", txt(cs))
        if m and all(i == 0 for _, i in cs[:m.end()]):
            a = m.start(1); cs[a:a] = [(x, 0) for x in m[1]+' ']
    return cs
def rawprev(p):
    p = [(ch, 0) for ch in p]; return txt(sub(sub(sub([(a.lower(), 0) for a, _ in p], r"\b(mr|mrs|ms|dr)\.", lambda m: RAWT[m[1]]), r"[.,?!]", lambda m: ''), r"-| +", lambda m: ' ')).strip()
def build(fr, style, neg, idn):
    fr = re.sub(r'^AR?: ', '', fr); c = Case(style)
    prev, _, body = fr.rpartition(' || ')
    pcs = txt(c.expand(prev)) if prev else ''
    c.tab.clear()
    if not prev and re.match(CALLER, body) and not AGENT.search(body):
        if R.random() < .20: body = R.choice(OPEN+HELLO)+(body if re.match(r"I\b|\{|\[", body) else body[0].lower()+body[1:])
        if R.random() < .35: pcs = R.choice(GPREV[:4] if re.match('|'.join(HELLO), body) else GPREV)
        if R.random() < .12 and body[-1] == '.': body += R.choice(CLOSE)
    cs = opt_marks(c, c.expand(body))
    if cs and cs[0][0].islower() and '@' not in txt(cs)[:40]: cs[0] = (cs[0][0].upper(), cs[0][1])
    t = txt(cs)
    if style == 'asr': cs = style_asr(c, cs)
    elif style == 'asr_raw': cs = style_raw(c, cs); pcs = rawprev(pcs)
    elif style == 'written' and R.random() < .06: cs = sub(cs, r"[.]$", lambda m: '')
    t = txt(cs); spans, i = [], 0
    while i < len(cs):
        k = cs[i][1]; j = i+1
        while j < len(cs) and cs[j][1] == k: j += 1
        if k:
            a, b = i, j
            while a < b and not t[a].isalnum(): a += 1
            while b > a and not t[b-1].isalnum(): b -= 1
            if b > a:
                d = {"start": a, "end": b, "label": c.tab[k-1][0]}
                if c.tab[k-1][1]: d["optional"] = True
                spans.append(d)
        i = j
    return {"id": "people-%s-%04d" % ('n' if neg else 'p', idn), "prev": pcs, "text": t, "spans": spans, "style": style, "source": "people"}
def main():
    here = os.path.dirname(os.path.abspath(__file__))
    pos = [l for l in (POS1+POS2).strip().split('\n') if l]; neg = [l for l in NEG.strip().split('\n') if l]
    assert len(set(pos)) == len(pos) and len(set(neg)) == len(neg), [x for x in pos+neg if (pos+neg).count(x) > 1]
    out = []
    for frames, quota, isneg in ((pos, {'asr': 520, 'asr_raw': 325, 'written': 195}, False), (neg, {'asr': 280, 'asr_raw': 175, 'written': 105}, True)):
        total = sum(quota.values()); frames = frames[:]; R.shuffle(frames)
        slotty = [f for f in frames if '{' in f]
        extra = R.sample(slotty, min(len(slotty), total-len(frames)))
        while len(frames)+len(extra) < total: extra.append(R.choice(slotty))
        work = frames+extra; work.sort(key=lambda f: not f.startswith(('A:', 'AR:')))
        used = {}
        for n, f in enumerate(work):
            ok = [s for s in quota if quota[s] and not (f.startswith('A:') and s != 'asr') and not (f.startswith('AR:') and s == 'written')]
            ok2 = [s for s in ok if s not in used.get(f, ())] or ok
            st = R.choices(ok2, [quota[s] for s in ok2])[0]; quota[st] -= 1; used.setdefault(f, []).append(st)
            g = f
            if re.match(CALLER, f) and ' || ' not in f and not AGENT.search(f) and R.random() < .22:
                g = f+' '+R.choice([x for x in (neg if isneg or R.random() < .55 else pos) if re.match(CALLER, x) and ' || ' not in x and not re.search(r'[a-z]\d\}', x) and not AGENT.search(x) and x != f])
            out.append((g, build(g, st, isneg, n)))
    R.shuffle(out)
    seen = set()
    for f, d in out:
        check(f, d)
        key = (d['prev'], d['text'])
        if key in seen: print('duplicate', key)
        seen.add(key)
    with open(os.path.join(here, 'people.jsonl'), 'w') as h:
        for f, d in out: h.write(json.dumps({**d, 'read': int(hashlib.sha256(f.encode()).hexdigest(), 16) % 2 == 1})+'\n')
    if len(sys.argv) > 1:
        for _, d in R.sample(out, int(sys.argv[1])): show(d)
def show(d):
    t = d['text']
    for s in reversed(d['spans']): t = t[:s['start']]+'<'+s['label'][:2]+('? ' if s.get('optional') else ' ')+t[s['start']:s['end']]+'>'+t[s['end']:]
    print(d['style'][:5].ljust(6)+('('+d['prev']+') ' if d['prev'] else '')+t)
def check(f, d):
    t, e = d['text'], 0
    bad = []
    for s in d['spans']:
        w = t[s['start']:s['end']]
        if s['start'] < e or not w or not w[0].isalnum() or not w[-1].isalnum(): bad.append(w)
        if s['start'] and t[s['start']-1].isalnum() or s['end'] < len(t) and t[s['end']].isalnum(): bad.append('edge '+w)
        e = s['end']
    req = [s for s in d['spans'] if not s.get('optional')]
    if d['id'].startswith('c2-n') and req: bad.append('harmless has span')
    if d['id'].startswith('c2-p') and not req: bad.append('no span')
    f = re.sub(r'(?<=\}) (?=\{(?:g|f|wg|wf)\d*\})', '', f.split(' || ')[-1]); f = re.sub(r'\}(?:\{(?:g|f|wg|wf)\d*\})+', '}', f).replace('} [N:J.] {f}', '}')
    n = len(re.findall(r'\{(?!drug|ep|ins|sym|doc|state|wd|clk|by)[a-z]+\d*\}|\[[A-Z9]:', f.split(' || ')[-1]))
    if len(req) != n: bad.append('span count %d of %d' % (len(req), n))
    if d['style'] == 'asr_raw' and (re.search(r"[^a-z' ]", t) or '  ' in t): bad.append('raw characters')
    if re.search(r'[^ -~]|  |[{}\[\]#]', t+d['prev']) or t != t.strip(): bad.append('characters')
    if bad: print('CHECK', bad, d)
if __name__ == '__main__': main()
