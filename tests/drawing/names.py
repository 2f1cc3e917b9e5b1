"""Names as people write them, in every script that the bundled fonts are meant to hold."""

NAMES = {
    "Latin": "Zoë Łukasz-Đorđević Þórunn Ðóra Ĝiĉo ÅŞĞİ ſƵǍ",
    "Vietnamese": "Nguyễn Thị Phượng Ưởng Ặng",
    "West African": "Ọláyẹmí Ẹ̀bùn Ŋgũgĩ Ɓuuɗo",
    "Maori and Hawaiian": "Tāwhiri Kahanamokuʻōlelo",
    "Greek": "Ελένη Παπαδοπούλου Ἀριστοτέλης",
    "Cyrillic": "Наталія Їжакевич Ђорђе Ѓорѓи Əhməd Ұлжан",
    "Arabic": "سارة عبد الرحمٰن",
    "Persian and Urdu": "پروین گلزار ژاله ٹیپو ڈار ہے",
    "Hebrew": "שָׂרָה כהן־לוי",
    "Devanagari": "श्रीमती प्रियंका शर्मा",
    "Bengali": "শ্রীমতী অনিন্দিতা",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Gujarati": "પ્રિયંકા પટેલ",
    "Tamil": "தமிழ்ச்செல்வி",
    "Telugu": "శ్రీనివాస్ రెడ్డి",
    "Kannada": "ಶ್ರೀನಿವಾಸ್",
    "Malayalam": "ശ്രീകുമാർ",
    "Sinhala": "ශ්‍රී කුමාර",
    "Thai": "สมชาย ศรีสุวรรณ",
    "Lao": "ສົມສັກ",
    "Khmer": "សុខា ចាន់",
    "Burmese": "ဒေါ်အောင်ဆန်း",
    "Georgian": "ნინო ჯავახიშვილი",
    "Armenian": "Արամ Խաչատրյան",
    "Ethiopic": "አበበ ቢቂላ",
    "Chinese": "王小明 歐陽娜娜 龔芊懿",
    "Japanese": "髙橋 さくら ヴィクトリア 斎藤",
    "Korean": "김민준 똠방각하 뷁",
}
TYPED = '#panic("no") *bold* _it_ $x$ [a](b) // = h \\ "q" `c` @ref <label> ~ -- \' ^ {z} #let a = 1'
"""What would run, style or link if it were markup."""
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 5
"""As long as a name in the record may be, and longer than a line."""
UNKNOWN = {"Cherokee": "ᏣᎳᎩ", "Tibetan": "བཀྲ་ཤིས", "rare Chinese": "𠮷田", "emoji": "Ann 🎈"}
"""Letters that no bundled font has."""
