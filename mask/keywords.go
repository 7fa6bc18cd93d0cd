package mask

// The sensitive keys. A key is split into words at '_', '-', '.', blanks and
// camelCase humps; it is sensitive when its last words, joined and in lower
// case, are one of these texts: "refreshToken" ends in the word "token",
// "x-api-key" in "api" and "key".

// wholeWords need a word's start before them: "token" covers "refresh_token"
// and "refreshToken", not "jsonwebtoken".
const wholeWords = `
	token pass pin otp totp auth bearer sid
	passwd pwd pswd pw passwort passw cvv cvv2 cvc cvc2 csc ssn
	apikey apikeys appkey applicationkey accesskey accesskeys
	privatekey privatekeys signingkey signaturekey encryptionkey encryptkey decryptionkey
	masterkey sharedkey sharedaccesskey accountkey storagekey subscriptionkey
	sessionkey authkey hmackey aeskey rsakey jwtkey sshkey pgpkey gpgkey
	symmetrickey functionskey licensekey ingestkey writekey adminkey
	deploykey servicekey webhookkey unsealkey recoverykey rootkey
	clientkeydata privatekeydata secretkeybase requirepass masterauth secretstring secretbinary
	sessionid sessid phpsessid jsessionid sessionsecret sessiontoken connectsid
	authorization authorizations cookie cookies
	cardnumber cardnum cardno ccnumber ccnum ccno creditcard debitcard
	cardpan securitycode cardcode verificationcode
	socialsecuritynumber socialsecurity
	mnemonic seedphrase recoveryphrase recoverycode recoverycodes backupcodes
	accesstoken refreshtoken authtoken apitoken idtoken sessiontoken bearertoken
	bottoken usertoken csrftoken xsrftoken oauthtoken jwttoken devicetoken
	personalaccesstoken privatetoken jobtoken
	mypass dbpass userpass smtppass mailpass rootpass adminpass ftppass
	amzsignature googsignature sharedaccesssignature
`

// wordEnds are texts so distinct that any letters may stand before them:
// PGPASSWORD, mysecret, googleapikey.
const wordEnds = `
	password passwords passphrase passphrases passcode
	secret secrets credential credentials
	apikey secretkey secretkeys secretaccesskey accesskeysecret
	clientsecret
`

// plainTails may follow a sensitive text without making the key another's:
// API_KEY_PROD, password_confirmation. They count only after [strongWords].
const plainTails = `
	prod production stage staging dev test live old new current previous
	confirm confirmation repeat again value plain plaintext primary secondary
`

// strongWords are the texts that a plain tail may follow.
const strongWords = `password passwords passwd passphrase secret token apikey secretkey accesskey privatekey clientsecret pwd`

// plainKeys only end like a secret's.
const plainKeys = `accesscontrolallowcredentials`

// headerWords are keys whose value is a whole header line: it holds blanks.
const headerWords = `authorization cookie cookies`

// idWords end the names of integers that are no payment cards, however they
// are made up: identifiers, times, sequence numbers, sizes.
const idWords = `
	id ids uid uuid oid ns nanos nanoseconds us micros microseconds ms millis milliseconds
	ts time timestamp at epoch seq sequence offset nonce cursor version rev revision
	bytes size count total hash checksum crc
`

// cardWords make an idWords name a card's after all: card_id, payment_id.
const cardWords = `card cards cc pan payment payments payer`
