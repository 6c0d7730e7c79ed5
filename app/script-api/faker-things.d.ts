/** More of what `faker` makes up: see faker.d.ts. */
declare module 'faultline' {
  /** How long a word is to be; `strategy` says what comes when there is none of that length. @default any length */
  export type FakerWordLength =
    | number
    | { length?: FakerRange; strategy?: 'fail' | 'closest' | 'shortest' | 'longest' | 'any-length' }

  export type FakerColorSpace = 'sRGB' | 'display-p3' | 'rec2020' | 'a98-rgb' | 'prophoto-rgb'

  export interface FakerAirlineModule {
    /** An airport: `{ name: 'Dallas Fort Worth International Airport', iataCode: 'DFW' }` */
    airport(): { name: string; iataCode: string }
    /** An airline: `{ name: 'American Airlines', iataCode: 'AA' }` */
    airline(): { name: string; iataCode: string }
    /** An airplane: `{ name: 'Airbus A321neo', iataTypeCode: '32Q' }` */
    airplane(): { name: string; iataTypeCode: string }
    /** A record locator: `faker.airline.recordLocator({ allowNumerics: true }) // 'E5TYEM'` */
    recordLocator(options?: { allowNumerics?: boolean; allowVisuallySimilarCharacters?: boolean }): string
    /** A seat: `faker.airline.seat({ aircraftType: 'widebody' }) // '42K'` */
    seat(options?: { aircraftType?: 'narrowbody' | 'regional' | 'widebody' }): string
    /** An aircraft type: `'narrowbody'` */
    aircraftType(): 'narrowbody' | 'regional' | 'widebody'
    /** A flight number: `faker.airline.flightNumber({ addLeadingZeros: true }) // '0249'` */
    flightNumber(options?: { length?: FakerRange; addLeadingZeros?: boolean }): string
  }

  export interface FakerAnimalModule {
    /** A dog breed: `'Irish Water Spaniel'` */
    dog(): string
    /** A cat breed: `'Singapura'` */
    cat(): string
    /** A snake species: `'Eyelash viper'` */
    snake(): string
    /** A bear species: `'Asian black bear'` */
    bear(): string
    /** A lion species: `'Northeast Congo Lion'` */
    lion(): string
    /** A cetacean species: `'Spinner Dolphin'` */
    cetacean(): string
    /** A horse breed: `'Swedish Warmblood'` */
    horse(): string
    /** A bird species: `'Buller's Shearwater'` */
    bird(): string
    /** A cow species: `'Brava'` */
    cow(): string
    /** A fish species: `'Mandarin fish'` */
    fish(): string
    /** A crocodilian species: `'Philippine Crocodile'` */
    crocodilia(): string
    /** An insect species: `'Pyramid ant'` */
    insect(): string
    /** A rabbit species: `'Florida White'` */
    rabbit(): string
    /** A rodent breed: `'Cuscomys ashanika'` */
    rodent(): string
    /** An animal type: `'crocodile'` */
    type(): string
    /** A pet name: `'Coco'` */
    petName(): string
  }

  export interface FakerBookModule {
    /** An author name: `'William Shakespeare'` */
    author(): string
    /** A book format: `'Hardcover'` */
    format(): string
    /** A genre: `'Fantasy'` */
    genre(): string
    /** A publisher: `'Addison-Wesley'` */
    publisher(): string
    /** A series: `'Harry Potter'` */
    series(): string
    /** A title: `'Romeo and Juliet'` */
    title(): string
  }

  export interface FakerColorModule {
    /** A human-readable color name: `'red'` */
    human(): string
    /** A color space name from the worldwide accepted color spaces: `'sRGB'` */
    space(): string
    /** A CSS-supported color function name: `'rgb'` */
    cssSupportedFunction(): string
    /** A CSS-supported color space name: `'display-p3'` */
    cssSupportedSpace(): FakerColorSpace
    /** A RGB color: `faker.color.rgb({ prefix: '#', casing: 'lower' }) // '#eb0c16'` */
    rgb(options?: {
      format?: 'hex' | 'css' | 'binary'
      prefix?: string
      casing?: 'upper' | 'lower' | 'mixed'
      includeAlpha?: boolean
    }): string
    rgb(options: { format: 'decimal'; includeAlpha?: boolean }): number[]
    /** A CMYK color: `faker.color.cmyk({ format: 'binary' }) // (8-32 bits) x 4` */
    cmyk(options?: { format?: 'decimal' }): number[]
    cmyk(options: { format: 'css' | 'binary' }): string
    /** A HSL color: `faker.color.hsl({ format: 'decimal' }) // [300, 0.21, 0.52]` */
    hsl(options?: { format?: 'decimal'; includeAlpha?: boolean }): number[]
    hsl(options: { format: 'css' | 'binary'; includeAlpha?: boolean }): string
    /** A HWB color: `faker.color.hwb({ format: 'decimal' }) // [201, 0.21, 0.31]` */
    hwb(options?: { format?: 'decimal' }): number[]
    hwb(options: { format: 'css' | 'binary' }): string
    /** A LAB (CIELAB) color: `faker.color.lab({ format: 'binary' }) // (8-32 bits x 3)` */
    lab(options?: { format?: 'decimal' }): number[]
    lab(options: { format: 'css' | 'binary' }): string
    /** A LCH color: `faker.color.lch({ format: 'css' }) // 'lch(52.2345% 72.2 56.2)'` */
    lch(options?: { format?: 'decimal' }): number[]
    lch(options: { format: 'css' | 'binary' }): string
    /** A color based on CSS color space specified: `faker.color.colorByCSSColorSpace({ format: 'binary' }) // (8-32 bits x 3)` */
    colorByCSSColorSpace(options?: { format?: 'decimal'; space?: FakerColorSpace }): number[]
    colorByCSSColorSpace(options: { format: 'css' | 'binary'; space?: FakerColorSpace }): string
  }

  export interface FakerCommerceModule {
    /** A department inside a shop: `'Garden'` */
    department(): string
    /** A descriptive product name: `'Incredible Soft Gloves'` */
    productName(): string
    /** A price between min and max (inclusive): `faker.commerce.price({ min: 100, max: 200, dec: 0 }) // '133'` */
    price(options?: { min?: number; max?: number; dec?: number; symbol?: string }): string
    /** An adjective describing a product: `'Handcrafted'` */
    productAdjective(): string
    /** A material of a product: `'Rubber'` */
    productMaterial(): string
    /** A short product name: `'Computer'` */
    product(): string
    /** A sentence that praises a product */
    productDescription(): string
    /** An ISBN identifier: `faker.commerce.isbn({ separator: ' ' }) // '978 0 452 81498 1'` */
    isbn(options?: 10 | 13 | { variant?: 10 | 13; separator?: string }): string
    /** A valid UPC‑A (12 digits): `faker.commerce.upc({ prefix: '01234' }) // '012345678905'` */
    upc(options?: { prefix?: string }): string
  }

  export interface FakerCompanyModule {
    /** A company name: `'Zieme, Hauck and McClure'` */
    name(): string
    /** A catch phrase: `'Upgradable systematic flexibility'` */
    catchPhrase(): string
    /** A buzz phrase: `'cultivate synergistic e-markets'` */
    buzzPhrase(): string
    /** A catch phrase adjective: `'Multi-tiered'` */
    catchPhraseAdjective(): string
    /** A catch phrase descriptor: `'composite'` */
    catchPhraseDescriptor(): string
    /** A catch phrase noun: `'leverage'` */
    catchPhraseNoun(): string
    /** A buzz adjective: `'one-to-one'` */
    buzzAdjective(): string
    /** A buzz verb: `'empower'` */
    buzzVerb(): string
    /** A buzz noun: `'paradigms'` */
    buzzNoun(): string
  }

  export interface FakerDatabaseModule {
    /** A database column name: `'createdAt'` */
    column(): string
    /** A database column type: `'timestamp'` */
    type(): string
    /** A database collation: `'utf8_unicode_ci'` */
    collation(): string
    /** A database engine: `'ARCHIVE'` */
    engine(): string
    /** A MongoDB ObjectId string: `'e175cac316a79afdd0ad3afb'` */
    mongodbObjectId(): string
  }

  export interface FakerFinanceModule {
    /** An account number: `faker.finance.accountNumber({ length: 5 }) // '32564'` */
    accountNumber(optionsOrLength?: number | { length?: number }): string
    /** An account name: `'Personal Loan Account'` */
    accountName(): string
    /** An ABA routing number: `'062197511'` */
    routingNumber(): string
    /** An amount between the given bounds (inclusive): `faker.finance.amount({ min: 5, max: 10, dec: 0 }) // '8'` */
    amount(options?: { min?: number; max?: number; dec?: number; symbol?: string }): string
    /** A transaction type: `'payment'` */
    transactionType(): string
    /** A currency: `{ code: 'USD', name: 'US Dollar', symbol: '$', numericCode: '840' }` */
    currency(): { code: string; name: string; symbol: string; numericCode: string }
    /** A currency code: `'USD'` */
    currencyCode(): string
    /** A currency name: `'US Dollar'` */
    currencyName(): string
    /** A currency symbol: `'$'` */
    currencySymbol(): string
    /** A currency numeric code: `'840'` */
    currencyNumericCode(): string
    /** A Bitcoin address: `'1TeZEFLmGPLEQrSRdAcnZLoWwYeiHwmRog'` */
    bitcoinAddress(options?: {
      type?: 'legacy' | 'segwit' | 'bech32' | 'taproot'
      network?: 'mainnet' | 'testnet'
    }): string
    /** A Litecoin address: `'MoQaSTGWBRXkWfyxKbNKuPrAWGELzcW'` */
    litecoinAddress(): string
    /** A credit card number: `faker.finance.creditCardNumber('visa') // '4882664999007'` */
    creditCardNumber(options?: string | { issuer?: string }): string
    /** A credit card CVV: `'506'` */
    creditCardCVV(): string
    /** A credit card issuer: `'discover'` */
    creditCardIssuer(): string
    /** A PIN number: `faker.finance.pin({ length: 6 }) // '213789'` */
    pin(options?: number | { length?: number }): string
    /** Creates a random, non-checksum Ethereum address: `'0xf03dfeecbafc5147241cc4c4ca20b3c9dfd04c4a'` */
    ethereumAddress(): string
    /** An IBAN: `faker.finance.iban({ formatted: true }) // 'FR20 8008 2330 8984 74S3 Z620 224'` */
    iban(options?: { formatted?: boolean; countryCode?: string }): string
    /** A SWIFT/BIC code based on the ISO-9362 format: `faker.finance.bic({ includeBranchCode: false }) // 'XDAFQGT7'` */
    bic(options?: { includeBranchCode?: boolean }): string
    /** A transaction description: `faker.finance.transactionDescription()` */
    transactionDescription(): string
  }

  export interface FakerFoodModule {
    /** A dish adjective: `'crispy'` */
    adjective(): string
    /** A dish description */
    description(): string
    /** A dish name: `'Tagine-Rubbed Venison Salad'` */
    dish(): string
    /** A food's ethnic category: `'Italian'` */
    ethnicCategory(): string
    /** A fruit name: `'lemon'` */
    fruit(): string
    /** An ingredient name: `'butter'` */
    ingredient(): string
    /** A meat: `'venison'` */
    meat(): string
    /** A spice name: `'chilli'` */
    spice(): string
    /** A vegetable name: `'broccoli'` */
    vegetable(): string
  }

  export interface FakerGitModule {
    /** A branch name: `'feed-parse'` */
    branch(): string
    /** A commit as git log shows it */
    commitEntry(options?: { merge?: boolean; eol?: 'LF' | 'CRLF'; refDate?: FakerDate }): string
    /** A commit message: `'reboot cross-platform driver'` */
    commitMessage(): string
    /** A date as git shows it: `'Mon Nov 7 05:38:37 2022 -0600'` */
    commitDate(options?: { refDate?: FakerDate }): string
    /** A commit sha: `faker.git.commitSha({ length: 8 }) // '0e52376a'` */
    commitSha(options?: { length?: number }): string
  }

  export interface FakerHackerModule {
    /** A hacker/IT abbreviation: `'THX'` */
    abbreviation(): string
    /** A hacker/IT adjective: `'cross-platform'` */
    adjective(): string
    /** A hacker/IT noun: `'system'` */
    noun(): string
    /** A hacker/IT verb: `'copy'` */
    verb(): string
    /** A hacker/IT verb for continuous actions (en: ing suffix; e.g: `'navigating'` */
    ingverb(): string
    /** A hacker/IT phrase: `faker.hacker.phrase()` */
    phrase(): string
  }

  export interface FakerLoremModule {
    /** A word of a specified length: `faker.lorem.word({ strategy: 'shortest' }) // 'a'` */
    word(options?: FakerWordLength): string
    /** A space separated list of words: `faker.lorem.words({ min: 1, max: 3 }) // 'tenetur error cum'` */
    words(wordCount?: FakerRange): string
    /** A space separated list of words beginning with a capital letter and ending with a period: `faker.lorem.sentence(5) // 'Laborum voluptatem officiis est et.'` */
    sentence(wordCount?: FakerRange): string
    /** A slugified text consisting of the given number of hyphen separated words: `faker.lorem.slug(5) // 'delectus-totam-iusto-itaque-placeat'` */
    slug(wordCount?: FakerRange): string
    /** The given number of sentences: `faker.lorem.sentences(2, '\n')` */
    sentences(sentenceCount?: FakerRange, separator?: string): string
    /** A paragraph with the given number of sentences */
    paragraph(sentenceCount?: FakerRange): string
    /** Paragraphs, with a line break or `separator` between: `faker.lorem.paragraphs(3, '\n')` */
    paragraphs(paragraphCount?: FakerRange, separator?: string): string
    /** A text based on a random lorem method: `'Doloribus autem non quis vero quia.'` */
    text(): string
    /** Lines: `faker.lorem.lines(2)` */
    lines(lineCount?: FakerRange): string
  }

  export interface FakerMusicModule {
    /** An album name: `'1989'` */
    album(): string
    /** An artist name: `'The Beatles'` */
    artist(): string
    /** A music genre: `'Reggae'` */
    genre(): string
    /** A song name: `'White Christmas'` */
    songName(): string
  }

  export interface FakerPersonModule {
    /** A first name: `faker.person.firstName('female') // 'Victoria'` */
    firstName(sex?: FakerSex): string
    /** A last name: `faker.person.lastName('female') // 'Grady'` */
    lastName(sex?: FakerSex): string
    /** A middle name: `faker.person.middleName('female') // 'Eloise'` */
    middleName(sex?: FakerSex): string
    /** A full name: `faker.person.fullName({ sex: 'male' }) // 'Fernando Schaefer'` */
    fullName(options?: { firstName?: string; lastName?: string; sex?: FakerSex }): string
    /** A gender: `'Trans*Man'` */
    gender(): string
    /** A sex: `'female'` */
    sex(): string
    /** `'female'` or `'male'` */
    sexType(options?: { includeGeneric?: boolean }): FakerSex
    /** A short biography: `'oatmeal advocate, veteran 🐠'` */
    bio(): string
    /** A person prefix: `faker.person.prefix('female') // 'Ms.'` */
    prefix(sex?: FakerSex): string
    /** A person suffix: `'DDS'` */
    suffix(): string
    /** A job title: `'Global Accounts Engineer'` */
    jobTitle(): string
    /** A job descriptor: `'Customer'` */
    jobDescriptor(): string
    /** A job area: `'Brand'` */
    jobArea(): string
    /** A job type: `'Assistant'` */
    jobType(): string
    /** A zodiac sign: `'Pisces'` */
    zodiacSign(): string
  }

  export interface FakerPhoneModule {
    /** A phone number: `faker.phone.number({ style: 'national' }) // '(961) 770-7727'` */
    number(options?: { style?: 'human' | 'national' | 'international' | 'mobile' }): string
    /** IMEI number: `'13-850175-913761-7'` */
    imei(): string
  }

  export interface FakerScienceModule {
    /** A periodic table element: `{ symbol: 'H', name: 'Hydrogen', atomicNumber: 1 }` */
    chemicalElement(): { symbol: string; name: string; atomicNumber: number }
    /** A scientific unit: `{ name: 'meter', symbol: 'm' }` */
    unit(): { name: string; symbol: string }
  }

  export interface FakerVehicleModule {
    /** A vehicle: `'BMW Explorer'` */
    vehicle(): string
    /** A manufacturer name: `'Ford'` */
    manufacturer(): string
    /** A vehicle model: `'Explorer'` */
    model(): string
    /** A vehicle type: `'Coupe'` */
    type(): string
    /** A fuel type: `'Electric'` */
    fuel(): string
    /** A vehicle identification number (VIN): `'YV1MH682762184654'` */
    vin(): string
    /** A vehicle color: `'red'` */
    color(): string
    /** A vehicle registration number (Vehicle Registration Mark - VRM): `'MF56UPA'` */
    vrm(): string
    /** A type of bicycle: `'Adventure Road Bicycle'` */
    bicycle(): string
  }

  export interface FakerWordModule {
    /** An adjective: `faker.word.adjective({ strategy: 'shortest' }) // 'icy'` */
    adjective(options?: FakerWordLength): string
    /** An adverb: `faker.word.adverb({ strategy: 'shortest' }) // 'too'` */
    adverb(options?: FakerWordLength): string
    /** A conjunction: `faker.word.conjunction({ strategy: 'shortest' }) // 'or'` */
    conjunction(options?: FakerWordLength): string
    /** An interjection: `faker.word.interjection({ strategy: 'shortest' }) // 'hm'` */
    interjection(options?: FakerWordLength): string
    /** A noun: `faker.word.noun({ strategy: 'shortest' }) // 'ad'` */
    noun(options?: FakerWordLength): string
    /** A preposition: `faker.word.preposition({ strategy: 'shortest' }) // 'a'` */
    preposition(options?: FakerWordLength): string
    /** A verb: `faker.word.verb({ strategy: 'shortest' }) // 'do'` */
    verb(options?: FakerWordLength): string
    /** A word, that can be an adjective, adverb, conjunction, interjection, noun, preposition, or verb: `faker.word.sample(5) // 'fruit'` */
    sample(options?: FakerWordLength): string
    /** A string containing some words separated by spaces: `faker.word.words(5) // 'before hourly patiently dribble equal'` */
    words(options?: number | { count?: FakerRange }): string
  }
}
