/**
 * Made-up data. The functions, their names and examples are those of @faker-js/faker 10 (MIT licence), without those that
 * lead to pictures or to other people's servers.
 */
declare module 'faultline' {
  /**
   * Believable made-up data from @faker-js/faker, in English. It is seeded by the workspace's seed and the device's id: the
   * same device makes up the same data in every run. Dates count from the device's clock.
   *
   * ```ts
   * const serial = faker.string.alphanumeric({ length: 10, casing: 'upper' })
   * const home = { city: faker.location.city(), since: faker.date.past({ years: 5 }) }
   * ```
   *
   * A function makes 1,000 of anything at most: characters, words, values.
   */
  export const faker: Faker

  export interface Faker {
    /** Airports, airlines, seats. */
    readonly airline: FakerAirlineModule
    /** Animals of all kinds. */
    readonly animal: FakerAnimalModule
    /** Books. */
    readonly book: FakerBookModule
    /** Colours, in words and numbers. */
    readonly color: FakerColorModule
    /** Products and prices. */
    readonly commerce: FakerCommerceModule
    /** Companies and their slogans. */
    readonly company: FakerCompanyModule
    /** Columns, engines. */
    readonly database: FakerDatabaseModule
    /** True or false. */
    readonly datatype: FakerDatatypeModule
    /** Dates; `past`, `soon` and the like count from the device's clock. */
    readonly date: FakerDateModule
    /** Accounts, amounts, currencies. */
    readonly finance: FakerFinanceModule
    /** Food. */
    readonly food: FakerFoodModule
    /** Commits and branches. */
    readonly git: FakerGitModule
    /** What people in films say about computers. */
    readonly hacker: FakerHackerModule
    /** Choosing among values of your own, and filling in patterns. */
    readonly helpers: FakerHelpersModule
    /** Addresses, names and numbers of the internet. */
    readonly internet: FakerInternetModule
    /** Places on earth. */
    readonly location: FakerLocationModule
    /** Latin that says nothing. */
    readonly lorem: FakerLoremModule
    /** Songs and artists. */
    readonly music: FakerMusicModule
    /** Numbers. */
    readonly number: FakerNumberModule
    /** People. */
    readonly person: FakerPersonModule
    /** Telephone numbers. */
    readonly phone: FakerPhoneModule
    /** Elements and units. */
    readonly science: FakerScienceModule
    /** Text made of characters, and identifiers. */
    readonly string: FakerStringModule
    /** Files, versions, network interfaces. */
    readonly system: FakerSystemModule
    /** Vehicles. */
    readonly vehicle: FakerVehicleModule
    /** English words. */
    readonly word: FakerWordModule
  }

  /** A number, or any from `min` to `max`. */
  export type FakerRange = number | { min: number; max: number }

  /** A point in time: a `Date`, text such as `'2026-03-01T12:00:00Z'`, or milliseconds since 1970. */
  export type FakerDate = Date | string | number

  export type FakerSex = 'female' | 'male' | 'generic'

  export interface FakerDatatypeModule {
    /** The boolean value true or false: `faker.datatype.boolean({ probability: 0.1 }) // false` */
    boolean(options?: number | { probability?: number }): boolean
  }

  export interface FakerDateModule {
    /** A date that can be either in the past or in the future: `'2022-07-31T01:33:29.567Z'` */
    anytime(options?: { refDate?: FakerDate }): Date
    /** A date in the past: `faker.date.past({ years: 10 }) // '2017-10-25T21:34:19.488Z'` */
    past(options?: { years?: FakerRange; refDate?: FakerDate }): Date
    /** A date in the future: `faker.date.future({ years: 10 }) // '2030-11-23T09:38:28.710Z'` */
    future(options?: { years?: FakerRange; refDate?: FakerDate }): Date
    /** A date between the given boundaries */
    between(options: { from: FakerDate; to: FakerDate }): Date
    /** Dates between the given boundaries: `faker.date.betweens({ from: '2020-01-01T00:00:00.000Z', to: '2030-01-01T00:00:00.000Z' })` */
    betweens(options: { from: FakerDate; to: FakerDate; count?: FakerRange }): Date[]
    /** A date in the recent past: `faker.date.recent({ days: 10 }) // '2022-01-29T06:12:12.829Z'` */
    recent(options?: { days?: FakerRange; refDate?: FakerDate }): Date
    /** A date in the near future: `faker.date.soon({ days: 10 }) // '2022-02-11T05:14:39.138Z'` */
    soon(options?: { days?: FakerRange; refDate?: FakerDate }): Date
    /** A birthdate: `faker.date.birthdate({ mode: 'age', min: 18, max: 65 })`, or by `mode: 'year'` */
    birthdate(options?: { mode?: 'age' | 'year'; min?: number; max?: number; refDate?: FakerDate }): Date
    /** A name of a month: `faker.date.month({ abbreviated: true, context: true }) // 'Sep'` */
    month(options?: { abbreviated?: boolean; context?: boolean }): string
    /** A day of the week: `faker.date.weekday({ abbreviated: true, context: true }) // 'Fri'` */
    weekday(options?: { abbreviated?: boolean; context?: boolean }): string
    /** An IANA time zone: `'Pacific/Guam'` */
    timeZone(): string
  }

  export interface FakerHelpersModule {
    /** Slugifies the given string: `faker.helpers.slugify("Hello world!") // 'Hello-world'` */
    slugify(string?: string): string
    /** Parses the given string symbol by symbol and replaces the placeholder appropriately: `faker.helpers.replaceSymbols('#####') // '98441'` */
    replaceSymbols(string?: string): string
    /** Replaces the symbols and patterns in a credit card schema including Luhn checksum: `faker.helpers.replaceCreditCardSymbols('1234-[4-9]-##!!-L') // '1234-9-5298-2'` */
    replaceCreditCardSymbols(string?: string, symbol?: string): string
    /** A string matching the given regex like expressions: `faker.helpers.fromRegExp('#{3}test[1-5]') // '###test3'` */
    fromRegExp(pattern: string | RegExp): string
    /** The items in another order, in a new list: `faker.helpers.shuffle(['a', 'b', 'c'])` */
    shuffle<const T>(list: readonly T[]): T[]
    /** Takes an array of strings or function that returns a string and outputs a unique array of strings based on that source: `faker.helpers.uniqueArray(faker.word.sample, 3) // ['mob', 'junior', 'ripe']` */
    uniqueArray<const T>(source: readonly T[] | (() => T), length: number): T[]
    /** A text in which `{{name}}` are values: `faker.helpers.mustache('{{n}} l', { n: '5' })` */
    mustache(text: string, data: Readonly<Record<string, string | ((name: string) => string)>>): string
    /** The result of the callback if the probability check was successful, otherwise `undefined`: `'Hello World!'` */
    maybe<const T>(callback: () => T, options?: { probability?: number }): T | undefined
    /** A key from the given object: `faker.helpers.objectKey({ Cheetah: 120, Falcon: 390, Snail: 0.03 }) // 'Falcon'` */
    objectKey<const T extends object>(object: T): keyof T
    /** A value from the given object: `faker.helpers.objectValue({ Cheetah: 120, Falcon: 390, Snail: 0.03 }) // 390` */
    objectValue<const T extends object>(object: T): T[keyof T]
    /** A `[key, value]` pair from the given object: `faker.helpers.objectEntry({ Cheetah: 120, Falcon: 390, Snail: 0.03 }) // ['Snail', 0.03]` */
    objectEntry<const T extends object>(object: T): [keyof T, T[keyof T]]
    /** Element from the given array: `faker.helpers.arrayElement(['cat', 'dog', 'mouse']) // 'dog'` */
    arrayElement<const T>(array: readonly T[]): T
    /** A weighted random element from the given array */
    weightedArrayElement<const T>(array: readonly { weight: number; value: T }[]): T
    /** A subset with random elements of the given array in random order: `faker.helpers.arrayElements([1, 2, 3, 4, 5], 2) // [4, 2]` */
    arrayElements<const T>(array: readonly T[], count?: FakerRange): T[]
    /** A value from an Enum object: `faker.helpers.enumValue(Color) // 1 (Green)` */
    enumValue<T extends object>(enumObject: T): T[keyof T]
    /** The number itself, or a whole number in the range: `faker.helpers.rangeToNumber({ min: 1, max: 6 })` */
    rangeToNumber(numberOrRange: FakerRange): number
    /** An array containing values returned by the given method: `[ 'Aniya', 'Norval', 'Dallin' ]` */
    multiple<const T>(method: (value: unknown, index: number) => T, options?: { count?: FakerRange }): T[]
    /** A text in which `{{...}}` are functions of faker: `faker.helpers.fake('{{person.firstName}} {{number.int(9)}}')` */
    fake(pattern: string | readonly string[]): string
  }

  export interface FakerInternetModule {
    /** An email address using the given person's name as base: `faker.internet.email({ firstName: 'Jeanne'}) // 'Jeanne63@yahoo.com'` */
    email(options?: {
      firstName?: string
      lastName?: string
      provider?: string
      allowSpecialCharacters?: boolean
    }): string
    /** An email address using an example mail provider using the given person's name as base: `faker.internet.exampleEmail({ firstName: 'Jeanne' }) // 'Jeanne96@example.net'` */
    exampleEmail(options?: { firstName?: string; lastName?: string; allowSpecialCharacters?: boolean }): string
    /** An username using the given person's name as base: `faker.internet.username({ firstName: 'Jeanne' }) // 'Jeanne98'` */
    username(options?: { firstName?: string; lastName?: string }): string
    /** A display name using the given person's name as base: `faker.internet.displayName({ firstName: '大羽', lastName: '陳' }) // '大羽.陳'` */
    displayName(options?: { firstName?: string; lastName?: string }): string
    /** A web protocol: `'http'` */
    protocol(): 'http' | 'https'
    /** A http method: `'PATCH'` */
    httpMethod(): 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
    /** A HTTP status code: `faker.internet.httpStatusCode({ types: ['success', 'serverError'] }) // 500` */
    httpStatusCode(options?: {
      types?: ('informational' | 'success' | 'clientError' | 'serverError' | 'redirection')[]
    }): number
    /** A http(s) url: `faker.internet.url({ appendSlash: true }) // 'https://slow-timer.info/'` */
    url(options?: { appendSlash?: boolean; protocol?: 'http' | 'https' }): string
    /** A domain name: `'slow-timer.info'` */
    domainName(): string
    /** A domain suffix: `'com'` */
    domainSuffix(): string
    /** A domain word: `'close-reality'` */
    domainWord(): string
    /** An IPv4 or IPv6 address: `'245.108.222.0'` */
    ip(): string
    /** An IPv4 address: `faker.internet.ipv4({ network: 'private-a' }) // '10.199.154.205'` */
    ipv4(
      options?:
        | { cidrBlock?: string }
        | {
            network?:
              | 'any'
              | 'loopback'
              | 'private-a'
              | 'private-b'
              | 'private-c'
              | 'test-net-1'
              | 'test-net-2'
              | 'test-net-3'
              | 'link-local'
              | 'multicast'
          },
    ): string
    /** An IPv6 address: `'269f:1230:73e3:318d:842b:daab:326d:897b'` */
    ipv6(): string
    /** A port number: `9414` */
    port(): number
    /** The User-Agent of a browser */
    userAgent(): string
    /** A mac address: `'32:8e:2e:09:c6:05'` */
    mac(options?: string | { separator?: string }): string
    /** A password: `faker.internet.password({ length: 20, memorable: true })` */
    password(options?: { length?: number; memorable?: boolean; prefix?: string }): string
    /** An emoji: `faker.internet.emoji({ types: ['food', 'nature'] }) // '🥐'` */
    emoji(options?: {
      types?: (
        | 'smiley'
        | 'body'
        | 'person'
        | 'nature'
        | 'food'
        | 'travel'
        | 'activity'
        | 'object'
        | 'symbol'
        | 'flag'
      )[]
    }): string
    /** A JWT (JSON Web Token) Algorithm: `'HS256'` */
    jwtAlgorithm(): string
    /** A JSON Web Token with made-up content and no real signature: `faker.internet.jwt()` */
    jwt(options?: { header?: Record<string, unknown>; payload?: Record<string, unknown>; refDate?: FakerDate }): string
  }

  export interface FakerLocationModule {
    /** A latitude: `faker.location.latitude({ max: 10, min: -10 }) // -9.6273` */
    latitude(options?: { max?: number; min?: number; precision?: number }): number
    /** A longitude: `faker.location.longitude({ max: 10, min: -10 }) // -9.6273` */
    longitude(options?: { max?: number; min?: number; precision?: number }): number
    /** A GPS coordinate within the specified radius from the given coordinate: `faker.location.nearbyGPSCoordinate({ origin: [33, -170] }) // [ 33.0165, -170.0636 ]` */
    nearbyGPSCoordinate(options?: {
      origin?: [latitude: number, longitude: number]
      radius?: number
      isMetric?: boolean
    }): [latitude: number, longitude: number]
    /** Zip code from specified format: `faker.location.zipCode('####') // '6925'` */
    zipCode(options?: string | { state?: string; format?: string }): string
    /** A city name: `'East Jarretmouth'` */
    city(): string
    /** A building number: `'379'` */
    buildingNumber(): string
    /** A street name: `'Schroeder Isle'` */
    street(): string
    /** A street address: `faker.location.streetAddress(false) // '34830 Erdman Hollow'` */
    streetAddress(options?: boolean | { useFullAddress?: boolean }): string
    /** A full postal address in one line */
    postalAddress(): string
    /** A secondary address: `'Apt. 861'` */
    secondaryAddress(): string
    /** A county: `'Buckinghamshire'` */
    county(): string
    /** A country name: `'Greece'` */
    country(): string
    /** A continent name: `'Asia'` */
    continent(): string
    /** An ISO_3166-1 country code: `faker.location.countryCode('alpha-3') // 'TJK'` */
    countryCode(options?: 'alpha-2' | 'alpha-3' | 'numeric' | { variant?: 'alpha-2' | 'alpha-3' | 'numeric' }): string
    /** A state: `'Mississippi'` */
    state(options?: { abbreviated?: boolean }): string
    /** A direction (cardinal and ordinal; northwest, east, etc): `faker.location.direction({ abbreviated: true }) // 'SW'` */
    direction(options?: { abbreviated?: boolean }): string
    /** A cardinal direction (north, east, south, west): `faker.location.cardinalDirection({ abbreviated: true }) // 'W'` */
    cardinalDirection(options?: { abbreviated?: boolean }): string
    /** An ordinal direction (northwest, southeast, etc): `faker.location.ordinalDirection({ abbreviated: true }) // 'SW'` */
    ordinalDirection(options?: { abbreviated?: boolean }): string
    /** An IANA time zone relevant to this locale: `'Pacific/Guam'` */
    timeZone(): string
    /** A spoken language: `{ alpha2: 'de', alpha3: 'deu', name: 'German' }` */
    language(): { alpha2: string; alpha3: string; name: string }
  }

  export interface FakerNumberModule {
    /** A whole number from 0 to 2^53-1, or from `min` to `max`: `faker.number.int({ min: 10, max: 100 })` */
    int(options?: number | { min?: number; max?: number; multipleOf?: number }): number
    /** A number from 0 to 1, or from `min` to `max`: `faker.number.float({ min: 10, max: 100, fractionDigits: 3 })` */
    float(options?: number | { min?: number; max?: number; fractionDigits?: number; multipleOf?: number }): number
    /** A binary number: `faker.number.binary({ min: 0, max: 65535 }) // '10110101'` */
    binary(options?: number | { min?: number; max?: number }): string
    /** An octal number: `faker.number.octal({ min: 0, max: 65535 }) // '4766'` */
    octal(options?: number | { min?: number; max?: number }): string
    /** A lowercase hexadecimal number: `faker.number.hex({ min: 0, max: 65535 }) // 'af17'` */
    hex(options?: number | { min?: number; max?: number }): string
    /** A BigInt number: `faker.number.bigInt({ min: 10n, max: 100n }) // 36n` */
    bigInt(
      options?: bigint | number | { min?: bigint | number; max?: bigint | number; multipleOf?: bigint | number },
    ): bigint
    /** A roman numeral in String format: `faker.number.romanNumeral({ min: 5, max: 10 }) // "VII"` */
    romanNumeral(options?: number | { min?: number; max?: number }): string
  }

  export interface FakerStringModule {
    /** A string from the given characters: `faker.string.fromCharacters('abc', 10) // 'cbbbacbacb'` */
    fromCharacters(characters: string | readonly string[], length?: FakerRange): string
    /** A string consisting of letters in the English alphabet: `faker.string.alpha({ length: { min: 5, max: 10 } }) // 'HcVrCf'` */
    alpha(
      options?:
        | number
        | { length?: FakerRange; casing?: 'upper' | 'lower' | 'mixed'; exclude?: string | readonly string[] },
    ): string
    /** A string consisting of alpha characters and digits: `faker.string.alphanumeric({ casing: 'upper' }) // 'A'` */
    alphanumeric(
      options?:
        | number
        | { length?: FakerRange; casing?: 'upper' | 'lower' | 'mixed'; exclude?: string | readonly string[] },
    ): string
    /** A binary string: `faker.string.binary({ length: 10 }) // '0b1101011011'` */
    binary(options?: { length?: FakerRange; prefix?: string }): string
    /** An octal string: `faker.string.octal({ length: { min: 5, max: 10 } }) // '0o15263214'` */
    octal(options?: { length?: FakerRange; prefix?: string }): string
    /** A hexadecimal string: `faker.string.hexadecimal({ length: 10 }) // '0xaE13d044cB'` */
    hexadecimal(options?: { length?: FakerRange; casing?: 'upper' | 'lower' | 'mixed'; prefix?: string }): string
    /** A given length string of digits: `faker.string.numeric({ length: 6, exclude: ['0'] }) // '943228'` */
    numeric(
      options?: number | { length?: FakerRange; allowLeadingZeros?: boolean; exclude?: string | readonly string[] },
    ): string
    /** A string containing UTF-16 chars between 33 and 125 (`!` to `}`): `faker.string.sample({ min: 5, max: 10 }) // 'FeKunG'` */
    sample(length?: FakerRange): string
    /** A UUID (Universally Unique Identifier): `faker.string.uuid({ version: 4 }) // '4136cd0b-d90b-4af7-b485-5d1ded8db252'` */
    uuid(options?: { version?: 4 | 7; refDate?: FakerDate }): string
    /** A ULID (Universally Unique Lexicographically Sortable Identifier): `'01ARZ3NDEKTSV4RRFFQ69G5FAV'` */
    ulid(options?: { refDate?: FakerDate }): string
    /** A Nano ID: `faker.string.nanoid({ min: 13, max: 37 }) // KIRsdEL9jxVgqhBDlm` */
    nanoid(length?: FakerRange): string
    /** Special characters: `faker.string.symbol(3) // '$+!'` */
    symbol(length?: FakerRange): string
  }

  export interface FakerSystemModule {
    /** A file name with extension: `faker.system.fileName({ extensionCount: 2 }) // 'times_after.swf.ntf'` */
    fileName(options?: { extensionCount?: FakerRange }): string
    /** A file name with a given extension or a commonly used extension: `faker.system.commonFileName('txt') // 'global_borders_wyoming.txt'` */
    commonFileName(extension?: string): string
    /** A mime-type: `'video/vnd.vivo'` */
    mimeType(): string
    /** A commonly used file type: `'audio'` */
    commonFileType(): string
    /** A commonly used file extension: `'gif'` */
    commonFileExt(): string
    /** A file type: `'message'` */
    fileType(): string
    /** A file extension: `faker.system.fileExt('application/json') // 'json'` */
    fileExt(mimeType?: string): string
    /** A directory path: `'/etc/mail'` */
    directoryPath(): string
    /** A file path: `'/usr/local/src/money.dotx'` */
    filePath(): string
    /** A semantic version: `'1.15.2'` */
    semver(): string
    /** A network interface: `faker.system.networkInterface({ interfaceType: 'wl' }) // 'wlo1'` */
    networkInterface(options?: {
      interfaceType?: 'en' | 'wl' | 'ww'
      interfaceSchema?: 'index' | 'slot' | 'mac' | 'pci'
    }): string
    /** A cron expression: `faker.system.cron({ includeNonStandard: true }) // '@yearly'` */
    cron(options?: { includeYear?: boolean; includeNonStandard?: boolean }): string
  }
}
