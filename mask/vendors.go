package mask

// A vendor is a kind of secret that is known by how it starts, with no key
// beside it. To add one is to add a line.
type vendor struct {
	name   string
	prefix string // What it starts with, after something that is no letter or digit.
	body   set    // What follows.
	min    int    // How many bytes of it at least.
	max    int    // And at most; 0 means any number.
	rule   rule   // What else must hold.
	keep   int    // How many bytes of the prefix stay.
	source string // Where the format is documented.
}

// A rule is a further condition on a vendor's secret.
type rule uint8

const (
	anyBody    rule = iota
	withDigit       // The body has a digit and a letter.
	mixedCase       // The body has a digit or both cases: no word, no slug.
	isJWT           // Dot-separated base64url parts.
	dotted          // The body has a dot within.
	alnumAfter      // Exactly min bytes, then no letter or digit.
)

// gl is the source of most formats: facts from the rules of the gitleaks
// project, by their names.
const gl = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml "

// vendors is the table of all secrets known by their prefix.
var vendors = [...]vendor{
	// JSON Web Tokens: a header that starts with {" in base64url.
	{name: "JSON Web Token", prefix: "eyJ", body: b64url | dot, min: 14, rule: isJWT, source: "RFC 7519, section 3"},
	{name: "JSON Web Token, base64", prefix: "ZXlK", body: b64, min: 40, source: gl + "jwt-base64"},
	{name: "Grafana API key", prefix: "eyJrIjoi", body: b64, min: 40, source: gl + "grafana-api-key"},

	// Clouds.
	{name: "AWS access key", prefix: "AKIA", body: upper | digit, min: 16, rule: alnumAfter, source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"},
	{name: "AWS temporary access key", prefix: "ASIA", body: upper | digit, min: 16, rule: alnumAfter, source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"},
	{name: "AWS bearer token", prefix: "ABIA", body: upper | digit, min: 16, rule: alnumAfter, source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"},
	{name: "AWS context credential", prefix: "ACCA", body: upper | digit, min: 16, rule: alnumAfter, source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"},
	{name: "AWS access key, old", prefix: "A3T", body: upper | digit, min: 17, rule: alnumAfter, source: gl + "aws-access-token"},
	{name: "AWS session token", prefix: "IQoJb3JpZ2lu", body: b64, min: 40, source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html"},
	{name: "AWS session token", prefix: "FwoGZXIvYXdz", body: b64, min: 40, source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html"},
	{name: "AWS MWS token", prefix: "amzn.mws.", body: lowerhex | dash, min: 36, source: "https://github.com/mazen160/secrets-patterns-db AWS MWS key"},
	{name: "AWS AppSync key", prefix: "da2-", body: alnum, min: 26, source: "https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html"},
	{name: "AWS Bedrock key", prefix: "ABSK", body: b64, min: 80, source: gl + "aws-amazon-bedrock-api-key-long-lived"},
	{name: "AWS Bedrock *key, short-lived", prefix: "bedrock-api-key-", body: b64, min: 30, source: gl + "aws-amazon-bedrock-api-key-short-lived"},
	{name: "Alibaba access key", prefix: "LTAI", body: alnum, min: 12, max: 24, rule: mixedCase, source: gl + "alibaba-access-key-id"},
	{name: "Tencent secret ID", prefix: "AKID", body: alnum, min: 32, max: 36, source: "https://github.com/trufflesecurity/trufflehog tencentcloudkey"},
	{name: "Google API key", prefix: "AIza", body: b64url, min: 30, source: gl + "gcp-api-key"},
	{name: "Google OAuth token", prefix: "ya29.", body: b64url | dot, min: 16, source: "https://developers.google.com/identity/protocols/oauth2"},
	{name: "Google OAuth secret", prefix: "GOCSPX-", body: b64url, min: 20, source: "https://developers.google.com/identity/protocols/oauth2"},
	{name: "Google refresh token", prefix: "1//0", body: b64url, min: 30, source: "https://developers.google.com/identity/protocols/oauth2"},
	{name: "Google cloud storage HMAC key", prefix: "GOOG", body: upper | digit, min: 20, max: 57, rule: withDigit, source: "https://cloud.google.com/storage/docs/authentication/hmackeys"},
	{name: "Yandex API key", prefix: "AQVN", body: b64url, min: 35, max: 38, source: gl + "yandex-api-key"},
	{name: "Yandex IAM token", prefix: "t1.", body: b64url | dot, min: 86, source: gl + "yandex-access-token"},
	{name: "Yandex OAuth token", prefix: "y0_", body: b64url, min: 50, source: "https://yandex.cloud/en/docs/iam/concepts/authorization/oauth-token"},
	{name: "DigitalOcean token", prefix: "dop_v1_", body: hexdigit, min: 32, source: gl + "digitalocean-pat"},
	{name: "DigitalOcean OAuth token", prefix: "doo_v1_", body: hexdigit, min: 32, source: gl + "digitalocean-access-token"},
	{name: "DigitalOcean refresh token", prefix: "dor_v1_", body: hexdigit, min: 32, source: gl + "digitalocean-refresh-token"},
	{name: "Cloudflare origin CA key", prefix: "v1.0-", body: lowerhex | dash, min: 100, source: gl + "cloudflare-origin-ca-key"},
	{name: "Cloudflare user token", prefix: "cfut_", body: b64url, min: 32, source: "https://developers.cloudflare.com/fundamentals/api/get-started/create-token/"},
	{name: "Cloudflare account token", prefix: "cfat_", body: b64url, min: 32, source: "https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/"},
	{name: "Cloudflare global key", prefix: "cfk_", body: b64url, min: 32, source: "https://developers.cloudflare.com/fundamentals/api/get-started/keys/"},
	{name: "Heroku API key", prefix: "HRKU-", body: b64url, min: 20, rule: withDigit, source: gl + "heroku-api-key-v2"},
	{name: "Fly.io token", prefix: "fo1_", body: b64url, min: 40, source: gl + "flyio-access-token"},
	{name: "Fly.io macaroon", prefix: "fm1a_", body: b64, min: 40, source: gl + "flyio-access-token"},
	{name: "Fly.io macaroon", prefix: "fm1r_", body: b64, min: 40, source: gl + "flyio-access-token"},
	{name: "Fly.io macaroon", prefix: "fm2_", body: b64, min: 40, source: gl + "flyio-access-token"},
	{name: "Vercel token", prefix: "vcp_", body: alnum, min: 24, source: "https://vercel.com/docs/rest-api"},
	{name: "Netlify token", prefix: "nfp_", body: alnum, min: 30, source: "https://docs.netlify.com/api/get-started/"},
	{name: "Render API key", prefix: "rnd_", body: alnum, min: 28, source: "https://render.com/docs/api"},
	{name: "Scalingo token", prefix: "tk-us-", body: b64url, min: 40, source: gl + "scalingo-api-token"},
	{name: "Supabase token", prefix: "sbp_", body: alnum | under, min: 36, source: "https://supabase.com/docs/reference/api/introduction"},
	{name: "Supabase secret key", prefix: "sb_secret_", body: b64url, min: 20, source: "https://supabase.com/docs/guides/api/api-keys"},
	{name: "PlanetScale token", prefix: "pscale_tkn_", body: b64url | dot, min: 30, source: gl + "planetscale-api-token"},
	{name: "PlanetScale OAuth token", prefix: "pscale_oauth_", body: b64url | dot, min: 30, source: gl + "planetscale-oauth-token"},
	{name: "PlanetScale password", prefix: "pscale_pw_", body: b64url | dot, min: 30, source: gl + "planetscale-password"},
	{name: "Databricks token", prefix: "dapi", body: hexdigit | dash, min: 32, max: 34, source: gl + "databricks-api-token"},
	{name: "Databricks OAuth secret", prefix: "dose", body: hexdigit, min: 32, max: 34, source: "https://docs.databricks.com/dev-tools/auth/oauth-m2m.html"},
	{name: "Snowflake token", prefix: "ver:1-hint:", body: token68, min: 20, source: "https://docs.snowflake.com/en/user-guide/oauth-intro"},

	// Code hosting and packages.
	{name: "GitHub token", prefix: "ghp_", body: alnum | under, min: 30, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
	{name: "GitHub OAuth token", prefix: "gho_", body: alnum | under, min: 30, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
	{name: "GitHub user token", prefix: "ghu_", body: alnum | under, min: 30, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
	{name: "GitHub server token", prefix: "ghs_", body: token68, min: 30, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
	{name: "GitHub refresh token", prefix: "ghr_", body: alnum | under, min: 30, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
	{name: "GitHub fine-grained token", prefix: "github_pat_", body: alnum | under, min: 22, source: gl + "github-fine-grained-pat"},
	{name: "GitLab token", prefix: "glpat-", body: b64url | dot, min: 16, source: gl + "gitlab-pat"},
	{name: "GitLab job token", prefix: "glcbt-", body: b64url, min: 16, source: gl + "gitlab-cicd-job-token"},
	{name: "GitLab deploy token", prefix: "gldt-", body: b64url, min: 16, source: gl + "gitlab-deploy-token"},
	{name: "GitLab feature flag token", prefix: "glffct-", body: b64url, min: 16, source: gl + "gitlab-feature-flag-client-token"},
	{name: "GitLab feed token", prefix: "glft-", body: b64url, min: 16, source: gl + "gitlab-feed-token"},
	{name: "GitLab mail token", prefix: "glimt-", body: b64url, min: 16, source: gl + "gitlab-incoming-mail-token"},
	{name: "GitLab agent token", prefix: "glagent-", body: b64url, min: 30, source: gl + "gitlab-kubernetes-agent-token"},
	{name: "GitLab OAuth secret", prefix: "gloas-", body: b64url, min: 30, source: gl + "gitlab-oauth-app-secret"},
	{name: "GitLab trigger token", prefix: "glptt-", body: b64url, min: 20, source: gl + "gitlab-ptt"},
	{name: "GitLab runner token", prefix: "glrt-", body: b64url | dot, min: 16, source: gl + "gitlab-runner-authentication-token"},
	{name: "GitLab runner registration", prefix: "GR1348941", body: b64url, min: 16, source: gl + "gitlab-rrt"},
	{name: "GitLab SCIM token", prefix: "glsoat-", body: b64url, min: 16, source: gl + "gitlab-scim-token"},
	{name: "GitLab workspace token", prefix: "glwt-", body: b64url, min: 16, source: "https://docs.gitlab.com/security/tokens/#token-prefixes"},
	{name: "Bitbucket app password", prefix: "ATBB", body: alnum | b64extra | under | dash, min: 20, rule: mixedCase, source: "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/"},
	{name: "Atlassian token", prefix: "ATATT3", body: alnum | under | dash | b64extra, min: 30, source: gl + "atlassian-api-token"},
	{name: "Atlassian access token", prefix: "ATCTT3", body: alnum | under | dash | b64extra, min: 30, source: "https://support.atlassian.com/bitbucket-cloud/docs/repository-access-tokens/"},
	{name: "Sourcegraph token", prefix: "sgp_", body: alnum | under, min: 32, source: gl + "sourcegraph-access-token"},
	{name: "npm token", prefix: "npm_", body: alnum, min: 30, source: "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/"},
	{name: "PyPI token", prefix: "pypi-", body: b64url, min: 30, rule: mixedCase, source: gl + "pypi-upload-token"},
	{name: "RubyGems key", prefix: "rubygems_", body: hexdigit, min: 32, source: gl + "rubygems-api-token"},
	{name: "NuGet key", prefix: "oy2", body: alnum, min: 43, max: 43, source: "https://learn.microsoft.com/nuget/nuget-org/publish-a-package"},
	{name: "crates.io token", prefix: "cio", body: alnum, min: 32, max: 32, rule: mixedCase, source: "https://crates.io/docs/api-tokens"},
	{name: "Clojars token", prefix: "CLOJARS_", body: alnum, min: 40, source: gl + "clojars-api-token"},
	{name: "Docker Hub token", prefix: "dckr_pat_", body: b64url, min: 20, source: "https://docs.docker.com/security/access-tokens/"},
	{name: "Docker Hub organization token", prefix: "dckr_oat_", body: b64url, min: 20, source: "https://docs.docker.com/security/access-tokens/"},
	{name: "Artifactory key", prefix: "AKCp", body: alnum, min: 50, source: gl + "artifactory-api-key"},
	{name: "Artifactory reference token", prefix: "cmVmd", body: alnum, min: 50, source: gl + "artifactory-reference-token"},
	{name: "CircleCI token", prefix: "CCIPAT_", body: alnum | under, min: 30, source: "https://circleci.com/docs/managing-api-tokens/"},
	{name: "CircleCI project token", prefix: "CCIPRJ_", body: alnum | under, min: 30, source: "https://circleci.com/docs/managing-api-tokens/"},
	{name: "Buildkite token", prefix: "bkua_", body: alnum, min: 30, source: "https://buildkite.com/docs/apis/managing-api-tokens"},
	{name: "Octopus key", prefix: "API-", body: upper | digit, min: 25, max: 32, rule: withDigit, source: gl + "octopus-deploy-api-key"},
	{name: "SonarQube token", prefix: "sqp_", body: hexdigit, min: 32, source: "https://docs.sonarsource.com/sonarqube/latest/user-guide/user-token/"},
	{name: "SonarQube user token", prefix: "squ_", body: hexdigit, min: 32, source: "https://docs.sonarsource.com/sonarqube/latest/user-guide/user-token/"},
	{name: "SonarQube global token", prefix: "sqa_", body: hexdigit, min: 32, source: "https://docs.sonarsource.com/sonarqube/latest/user-guide/user-token/"},
	{name: "Snyk token", prefix: "snyk_", body: alnum | under | dot | dash, min: 30, rule: withDigit, source: "https://docs.snyk.io/snyk-api/authentication-for-api"},
	{name: "Infracost key", prefix: "ico-", body: alnum, min: 32, max: 32, rule: withDigit, source: gl + "infracost-api-token"},
	{name: "Pulumi token", prefix: "pul-", body: hexdigit, min: 40, max: 40, source: gl + "pulumi-api-token"},
	{name: "Terraform token of the registry", prefix: "tfe_", body: alnum, min: 40, source: "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens"},
	{name: "Prefect token", prefix: "pnu_", body: alnum, min: 30, source: gl + "prefect-api-token"},
	{name: "Harness token", prefix: "pat.", body: alnum | under | dash | dot, min: 60, max: 80, rule: withDigit, source: gl + "harness-api-key"},
	{name: "Harness service token", prefix: "sat.", body: alnum | under | dash | dot, min: 60, max: 80, rule: withDigit, source: gl + "harness-api-key"},

	// Secret stores and networks.
	{name: "Vault service token", prefix: "hvs.", body: b64url, min: 20, source: "https://developer.hashicorp.com/vault/docs/concepts/tokens"},
	{name: "Vault batch token", prefix: "hvb.", body: b64url, min: 20, source: "https://developer.hashicorp.com/vault/docs/concepts/tokens"},
	{name: "Vault recovery token", prefix: "hvr.", body: b64url, min: 20, source: "https://developer.hashicorp.com/vault/docs/concepts/tokens"},
	{name: "Vault service token, old", prefix: "s.", body: alnum, min: 24, max: 24, rule: withDigit, source: gl + "vault-service-token"},
	{name: "age secret key", prefix: "AGE-SECRET-KEY-1", body: alnum, min: 10, source: "https://github.com/C2SP/C2SP/blob/main/age.md"},
	{name: "age plugin secret key", prefix: "AGE-SECRET-KEY-PQ-1", body: alnum, min: 10, source: "https://github.com/C2SP/C2SP/blob/main/age.md"},
	{name: "1Password service token", prefix: "ops_eyJ", body: b64url | b64extra, min: 40, source: gl + "1password-service-account-token"},
	{name: "1Password secret key", prefix: "A3-", body: upper | digit | dash, min: 30, max: 40, rule: withDigit, source: gl + "1password-secret-key"},
	{name: "Doppler token", prefix: "dp.pt.", body: alnum, min: 30, source: gl + "doppler-api-token"},
	{name: "Doppler service token", prefix: "dp.st.", body: alnum | dot | under | dash, min: 30, source: "https://docs.doppler.com/docs/service-tokens"},
	{name: "Doppler CLI token", prefix: "dp.ct.", body: alnum, min: 30, source: "https://docs.doppler.com/docs/service-tokens"},
	{name: "Doppler service account token", prefix: "dp.sa.", body: alnum, min: 30, source: "https://docs.doppler.com/docs/service-accounts"},
	{name: "Tailscale key", prefix: "tskey-", body: b64url, min: 16, rule: withDigit, source: "https://tailscale.com/kb/1252/key-prefixes"},
	{name: "OpenShift token", prefix: "sha256~", body: b64url, min: 40, source: gl + "openshift-user-token"},
	{name: "Defined Networking key", prefix: "dnkey-", body: b64url, min: 40, source: gl + "defined-networking-api-token"},
	{name: "Authress key", prefix: "sc_", body: token68, min: 70, rule: dotted, source: gl + "authress-service-client-access-key"},

	// Chat and mail.
	{name: "Slack bot token", prefix: "xoxb-", body: alnum | dash, min: 10, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack user token", prefix: "xoxp-", body: alnum | dash, min: 10, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack workspace token", prefix: "xoxa-", body: alnum | dash, min: 8, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack refresh token", prefix: "xoxr-", body: alnum | dash, min: 8, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack legacy token", prefix: "xoxo-", body: alnum | dash, min: 10, source: gl + "slack-legacy-token"},
	{name: "Slack session token", prefix: "xoxs-", body: alnum | dash, min: 10, source: gl + "slack-legacy-token"},
	{name: "Slack client token", prefix: "xoxc-", body: alnum | dash, min: 10, source: "https://github.com/trufflesecurity/trufflehog slack"},
	{name: "Slack cookie", prefix: "xoxd-", body: token68 | local, min: 10, source: "https://github.com/trufflesecurity/trufflehog slack"},
	{name: "Slack configuration token", prefix: "xoxe.", body: alnum | dash, min: 10, source: gl + "slack-config-access-token"},
	{name: "Slack configuration refresh token", prefix: "xoxe-", body: alnum | dash, min: 10, source: gl + "slack-config-refresh-token"},
	{name: "Slack app token", prefix: "xapp-", body: alnum | dash, min: 10, source: gl + "slack-app-token"},
	{name: "Slack webhook", prefix: "hooks.slack.com/services/", body: alnum | b64extra, min: 16, keep: 25, source: gl + "slack-webhook-url"},
	{name: "Slack workflow webhook", prefix: "hooks.slack.com/workflows/", body: alnum | b64extra, min: 16, keep: 26, source: gl + "slack-webhook-url"},
	{name: "Slack trigger", prefix: "hooks.slack.com/triggers/", body: alnum | b64extra, min: 16, keep: 25, source: gl + "slack-webhook-url"},
	{name: "Discord webhook", prefix: "discord.com/api/webhooks/", body: alnum | under | dash | b64extra, min: 16, keep: 25, source: "https://discord.com/developers/docs/resources/webhook"},
	{name: "Discord webhook", prefix: "discordapp.com/api/webhooks/", body: alnum | under | dash | b64extra, min: 16, keep: 28, source: "https://discord.com/developers/docs/resources/webhook"},
	{name: "Discord MFA token", prefix: "mfa.", body: b64url, min: 60, source: "https://github.com/trufflesecurity/trufflehog discordbottoken"},
	{name: "Teams webhook", prefix: "webhook.office.com/webhookb2/", body: alnum | dash | b64extra | local, min: 32, keep: 29, source: gl + "microsoft-teams-webhook"},
	{name: "Zapier webhook", prefix: "hooks.zapier.com/hooks/catch/", body: alnum | b64extra, min: 8, keep: 29, source: "https://github.com/trufflesecurity/trufflehog zapierwebhook"},
	{name: "SendGrid key", prefix: "SG.", body: b64url | dot, min: 30, rule: dotted, source: "https://docs.sendgrid.com/ui/account-and-settings/api-keys"},
	{name: "Sendinblue key", prefix: "xkeysib-", body: alnum | dash, min: 40, source: gl + "sendinblue-api-token"},
	{name: "Sendinblue SMTP key", prefix: "xsmtpsib-", body: alnum | dash, min: 40, source: "https://developers.brevo.com/docs/getting-started"},
	{name: "Mailgun key", prefix: "key-", body: hexdigit, min: 32, max: 32, source: gl + "mailgun-private-api-token"},
	{name: "Twilio API key", prefix: "SK", body: lowerhex, min: 32, max: 32, source: "https://www.twilio.com/docs/iam/api-keys"},
	{name: "Resend key", prefix: "re_", body: alnum | under, min: 24, max: 40, rule: mixedCase, source: "https://resend.com/docs/dashboard/api-keys/introduction"},

	// Payment and shops.
	{name: "Stripe secret key", prefix: "sk_live_", body: alnum | under, min: 10, source: "https://docs.stripe.com/keys"},
	{name: "Stripe test key", prefix: "sk_test_", body: alnum | under, min: 10, source: "https://docs.stripe.com/keys"},
	{name: "Stripe secret key", prefix: "sk_prod_", body: alnum | under, min: 10, source: gl + "stripe-access-token"},
	{name: "Stripe restricted key", prefix: "rk_live_", body: alnum | under, min: 10, source: "https://docs.stripe.com/keys"},
	{name: "Stripe restricted test key", prefix: "rk_test_", body: alnum | under, min: 10, source: "https://docs.stripe.com/keys"},
	{name: "Stripe restricted key", prefix: "rk_prod_", body: alnum | under, min: 10, source: gl + "stripe-access-token"},
	{name: "Stripe webhook secret", prefix: "whsec_", body: alnum | b64extra | under, min: 16, source: "https://docs.stripe.com/webhooks"},
	{name: "Square token", prefix: "sq0atp-", body: b64url, min: 20, source: gl + "square-access-token"},
	{name: "Square secret", prefix: "sq0csp-", body: b64url, min: 20, source: "https://developer.squareup.com/docs/build-basics/access-tokens"},
	{name: "Square token", prefix: "EAAA", body: b64url, min: 40, max: 64, source: gl + "square-access-token"},
	{name: "Shopify token", prefix: "shpat_", body: hexdigit, min: 30, source: gl + "shopify-access-token"},
	{name: "Shopify custom app token", prefix: "shpca_", body: hexdigit, min: 30, source: gl + "shopify-custom-access-token"},
	{name: "Shopify private app token", prefix: "shppa_", body: hexdigit, min: 30, source: gl + "shopify-private-app-access-token"},
	{name: "Shopify shared secret", prefix: "shpss_", body: hexdigit, min: 30, source: gl + "shopify-shared-secret"},
	{name: "PayPal Braintree token", prefix: "access_token$production$", body: alnum | local, min: 20, source: "https://github.com/mazen160/secrets-patterns-db PayPal Braintree"},
	{name: "PayPal token", prefix: "A21AA", body: b64url, min: 60, source: "https://developer.paypal.com/api/rest/authentication/"},
	{name: "Plaid token", prefix: "access-sandbox-", body: hexdigit | dash, min: 36, source: gl + "plaid-api-token"},
	{name: "Plaid token", prefix: "access-production-", body: hexdigit | dash, min: 36, source: gl + "plaid-api-token"},
	{name: "Plaid token", prefix: "access-development-", body: hexdigit | dash, min: 36, source: gl + "plaid-api-token"},
	{name: "Flutterwave key", prefix: "FLWSECK", body: alnum | dash | under, min: 12, source: gl + "flutterwave-secret-key"},
	{name: "Razorpay key", prefix: "rzp_live_", body: alnum, min: 14, source: "https://razorpay.com/docs/api/authentication/"},
	{name: "Razorpay test key", prefix: "rzp_test_", body: alnum, min: 14, source: "https://razorpay.com/docs/api/authentication/"},
	{name: "EasyPost key", prefix: "EZAK", body: alnum, min: 40, source: gl + "easypost-api-token"},
	{name: "EasyPost test key", prefix: "EZTK", body: alnum, min: 40, source: gl + "easypost-test-api-token"},
	{name: "Duffel token", prefix: "duffel_live_", body: b64url, min: 30, source: gl + "duffel-api-token"},
	{name: "Duffel test token", prefix: "duffel_test_", body: b64url, min: 30, source: gl + "duffel-api-token"},
	{name: "Shippo token", prefix: "shippo_live_", body: hexdigit, min: 30, source: gl + "shippo-api-token"},
	{name: "Shippo test token", prefix: "shippo_test_", body: hexdigit, min: 30, source: gl + "shippo-api-token"},
	{name: "GoCardless token", prefix: "live_", body: b64url, min: 40, max: 42, rule: mixedCase, source: gl + "gocardless-api-token"},

	// Models.
	{name: "Anthropic key", prefix: "sk-ant-", body: b64url, min: 16, source: gl + "anthropic-api-key"},
	{name: "OpenAI project key", prefix: "sk-proj-", body: b64url, min: 16, source: gl + "openai-api-key"},
	{name: "OpenAI service account key", prefix: "sk-svcacct-", body: b64url, min: 16, source: gl + "openai-api-key"},
	{name: "OpenAI admin key", prefix: "sk-admin-", body: b64url, min: 16, source: gl + "openai-api-key"},
	{name: "OpenRouter key", prefix: "sk-or-", body: b64url, min: 16, source: "https://openrouter.ai/docs/api-reference/authentication"},
	{name: "OpenAI key", prefix: "sk-", body: b64url, min: 20, rule: withDigit, source: gl + "openai-api-key"},
	{name: "Hugging Face token", prefix: "hf_", body: alnum, min: 28, source: gl + "huggingface-access-token"},
	{name: "Hugging Face organization token", prefix: "api_org_", body: alnum, min: 28, source: gl + "huggingface-organization-api-token"},
	{name: "Perplexity key", prefix: "pplx-", body: alnum, min: 32, source: gl + "perplexity-api-key"},
	{name: "Groq key", prefix: "gsk_", body: alnum, min: 30, source: "https://console.groq.com/docs/quickstart"},
	{name: "xAI key", prefix: "xai-", body: alnum, min: 40, source: "https://docs.x.ai/docs/overview"},
	{name: "Replicate token", prefix: "r8_", body: alnum, min: 30, source: "https://replicate.com/docs/topics/security/api-tokens"},
	{name: "LangSmith key", prefix: "lsv2_", body: alnum | under, min: 36, source: "https://docs.smith.langchain.com/"},
	{name: "Pinecone key", prefix: "pcsk_", body: alnum | under, min: 40, source: "https://docs.pinecone.io/guides/projects/manage-api-keys"},
	{name: "NVIDIA key", prefix: "nvapi-", body: b64url, min: 40, source: "https://docs.api.nvidia.com/"},
	{name: "Tavily key", prefix: "tvly-", body: alnum | dash, min: 20, rule: withDigit, source: "https://docs.tavily.com/"},
	{name: "ElevenLabs key", prefix: "sk_", body: hexdigit, min: 40, max: 64, source: "https://elevenlabs.io/docs/api-reference/authentication"},
	{name: "Clerk or Knock key", prefix: "sk_", body: alnum, min: 28, max: 64, rule: withDigit, source: gl + "freemius-secret-key"},
	{name: "Weights & Biases key", prefix: "wandb_v1_", body: alnum | under, min: 40, source: "https://docs.wandb.ai/"},

	// Observability.
	{name: "New Relic user key", prefix: "NRAK-", body: alnum, min: 20, source: gl + "new-relic-user-api-key"},
	{name: "New Relic insert key", prefix: "NRII-", body: alnum | dash | under, min: 20, source: gl + "new-relic-insert-key"},
	{name: "New Relic query key", prefix: "NRIQ-", body: alnum | dash | under, min: 20, source: "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"},
	{name: "New Relic REST key", prefix: "NRRA-", body: alnum, min: 20, source: "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"},
	{name: "New Relic browser key", prefix: "NRJS-", body: hexdigit, min: 16, source: gl + "new-relic-browser-api-token"},
	{name: "New Relic admin key", prefix: "NRAA-", body: alnum, min: 16, source: "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"},
	{name: "Sentry organization token", prefix: "sntrys_", body: alnum | b64extra | under, min: 30, source: gl + "sentry-org-token"},
	{name: "Sentry user token", prefix: "sntryu_", body: hexdigit, min: 30, source: gl + "sentry-user-token"},
	{name: "Grafana cloud token", prefix: "glc_", body: b64, min: 32, source: gl + "grafana-cloud-api-token"},
	{name: "Grafana service account token", prefix: "glsa_", body: alnum | under, min: 32, source: gl + "grafana-service-account-token"},
	{name: "Dynatrace token", prefix: "dt0c01.", body: alnum | dot, min: 40, source: gl + "dynatrace-api-token"},
	{name: "Dynatrace platform token", prefix: "dt0s16.", body: alnum | dot, min: 40, source: "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/platform-tokens"},
	{name: "Datadog application key", prefix: "ddapp_", body: alnum | under, min: 30, source: "https://docs.datadoghq.com/account_management/api-app-keys/"},
	{name: "Datadog personal token", prefix: "ddpat_", body: alnum | under, min: 30, source: "https://docs.datadoghq.com/account_management/"},
	{name: "Honeycomb key", prefix: "hcaik_", body: alnum, min: 40, source: "https://docs.honeycomb.io/configure/environments/manage-api-keys/"},
	{name: "Honeycomb key", prefix: "hcaic_", body: alnum, min: 40, source: "https://docs.honeycomb.io/configure/environments/manage-api-keys/"},
	{name: "Axiom token", prefix: "xaat-", body: alnum | dash, min: 32, source: "https://axiom.co/docs/reference/tokens"},
	{name: "Axiom personal token", prefix: "xapt-", body: alnum | dash, min: 32, source: "https://axiom.co/docs/reference/tokens"},
	{name: "LaunchDarkly SDK key", prefix: "sdk-", body: hexdigit | dash, min: 36, max: 36, source: "https://docs.launchdarkly.com/home/account/api"},
	{name: "LaunchDarkly token", prefix: "api-", body: hexdigit | dash, min: 36, max: 36, source: "https://docs.launchdarkly.com/home/account/api"},
	{name: "MaxMind key", prefix: "mmk_", body: alnum, min: 30, source: gl + "maxmind-license-key"},

	// Tools and services.
	{name: "Airtable token", prefix: "pat", body: alnum | dot, min: 70, max: 82, rule: dotted, source: gl + "airtable-personnal-access-token"},
	{name: "Notion token", prefix: "ntn_", body: alnum, min: 40, source: gl + "notion-api-token"},
	{name: "Notion secret", prefix: "secret_", body: alnum, min: 43, max: 43, source: "https://developers.notion.com/docs/authorization"},
	{name: "Linear key", prefix: "lin_api_", body: alnum, min: 30, source: gl + "linear-api-key"},
	{name: "Linear OAuth token", prefix: "lin_oauth_", body: alnum, min: 30, source: "https://developers.linear.app/docs/oauth/authentication"},
	{name: "Figma token", prefix: "figd_", body: b64url, min: 30, source: "https://www.figma.com/developers/api#access-tokens"},
	{name: "Postman key", prefix: "PMAK-", body: alnum | dash, min: 40, source: gl + "postman-api-token"},
	{name: "ReadMe key", prefix: "rdme_", body: alnum, min: 50, source: gl + "readme-api-token"},
	{name: "Typeform token", prefix: "tfp_", body: b64url | dot, min: 40, source: gl + "typeform-api-token"},
	{name: "HubSpot token", prefix: "pat-na1-", body: hexdigit | dash, min: 32, source: "https://developers.hubspot.com/docs/api/private-apps"},
	{name: "HubSpot token", prefix: "pat-eu1-", body: hexdigit | dash, min: 32, source: "https://developers.hubspot.com/docs/api/private-apps"},
	{name: "Contentful token", prefix: "CFPAT-", body: b64url, min: 40, source: "https://www.contentful.com/developers/docs/references/authentication/"},
	{name: "Mapbox secret token", prefix: "sk.eyJ", body: b64url | dot, min: 40, source: "https://docs.mapbox.com/help/glossary/access-token/"},
	{name: "Facebook token", prefix: "EAA", body: alnum, min: 80, source: gl + "facebook-page-access-token"},
	{name: "Twitter bearer token", prefix: "AAAAAAAAAAAAAAAAAAAA", body: alnum | local, min: 60, source: gl + "twitter-bearer-token"},
	{name: "Dropbox token", prefix: "sl.", body: b64url | b64extra, min: 100, source: gl + "dropbox-short-lived-api-token"},
	{name: "Adobe secret", prefix: "p8e-", body: b64url, min: 32, source: gl + "adobe-client-secret"},
	{name: "Frame.io token", prefix: "fio-u-", body: b64url | b64extra, min: 40, source: gl + "frameio-api-token"},
	{name: "Intra42 secret", prefix: "s-s4t2", body: alnum | dash, min: 60, source: gl + "intra42-client-secret"},
	{name: "SettleMint token", prefix: "sm_aat_", body: alnum, min: 16, source: gl + "settlemint-application-access-token"},
	{name: "SettleMint token", prefix: "sm_pat_", body: alnum, min: 16, source: gl + "settlemint-personal-access-token"},
	{name: "SettleMint token", prefix: "sm_sat_", body: alnum, min: 16, source: gl + "settlemint-service-access-token"},
	{name: "ClickHouse cloud secret", prefix: "4b1d", body: alnum, min: 38, max: 38, rule: mixedCase, source: gl + "clickhouse-cloud-api-secret-key"},
	{name: "Trello token", prefix: "ATTA", body: hexdigit, min: 64, source: "https://developer.atlassian.com/cloud/trello/guides/rest-api/api-introduction/"},
	{name: "Neon key", prefix: "napi_", body: alnum, min: 40, source: "https://neon.tech/docs/manage/api-keys"},
	{name: "Databento key", prefix: "db-", body: alnum, min: 29, max: 29, rule: mixedCase, source: "https://databento.com/docs/portal/api-keys"},
}

// wordStarts are the first three bytes of everything that [scan.word] looks
// for; vendorsBy lists the vendors by the first byte of their prefix. Both are
// constant once built.
var wordStarts, vendorsBy = buildWordStarts()

func buildWordStarts() (*trigrams, *[256][]*vendor) {
	t := new(trigrams)
	by := new([256][]*vendor)
	for i := range vendors {
		v := &vendors[i]
		by[v.prefix[0]] = append(by[v.prefix[0]], v)
		if len(v.prefix) >= 3 {
			t.add(v.prefix[0], v.prefix[1], v.prefix[2])
			continue
		}
		for c := range 32 {
			t.add(v.prefix[0], v.prefix[1], byte(c))
		}
	}
	for _, s := range schemes {
		t.add(s.name[0], s.name[1], s.name[2])
	}
	t.add('i', 'd', 'e') // SQL's IDENTIFIED BY 'x'.
	t.add('p', 'a', 's') // SQL's PASSWORD 'x'.
	return t, by
}

// word handles the word at s[i], which may be the start of a secret or of a
// scheme. It returns the secret's end, or i.
func (z *scan) word(i int) int {
	s := z.s
	for _, v := range vendorsBy[s[i]] {
		if !has(s, i, v.prefix) {
			continue
		}
		if e := v.end(z, i); e > 0 {
			return z.secret(i+v.keep, e)
		}
	}
	if e := z.scheme(i); e > i {
		return e
	}
	switch {
	case s[i]|0x20 == 'i' && hasFold(s, i, "identified by "):
		return z.sqlPassword(i + len("identified by "))
	case s[i] == 'P' && has(s, i, "PASSWORD '"):
		return z.sqlPassword(i + len("PASSWORD "))
	}
	return i
}

// maxLook is how much of a secret decides whether it is one. What is masked
// may be longer; what is not has been read in vain.
const maxLook = 512

// end returns the end of the vendor's secret at s[i], or 0.
func (v *vendor) end(z *scan, i int) int {
	if v.rule == isJWT {
		return z.jwtEnd(i)
	}
	s := z.s
	from := i + len(v.prefix)
	look := min(len(s), from+maxLook)
	e := run(s[:look], from, v.body)
	more := e == look
	e = trimRun(s, from, e)
	n := e - from
	if n < v.min || v.max > 0 && n > v.max {
		return 0
	}
	body := s[from:e]
	switch v.rule {
	case anyBody:
	case withDigit:
		if !mixed(body) {
			return 0
		}
	case mixedCase:
		if !mixed(body) && !bothCases(body) {
			return 0
		}
	case dotted:
		if d := run(body, 0, v.body&^dot); d == 0 || d == n {
			return 0
		}
	case alnumAfter:
		if n != v.min || is(at(s, e), word) {
			return 0
		}
	case isJWT:
	}
	if more {
		return trimRun(s, from, run(s, look, v.body))
	}
	return e
}

// trimRun drops the dots and dashes at the end of s[from:e].
func trimRun(s string, from, e int) int {
	for e > from && is(s[e-1], dot|dash) {
		e--
	}
	return e
}

func bothCases(t string) bool {
	var seen set
	for i := range len(t) {
		seen |= classes[t[i]] & (upper | lower)
	}
	return seen == upper|lower
}

// jwtEnd returns the end of the JSON Web Token at s[i], or 0. It has at least
// two parts, unless it was cut off in its header.
func (z *scan) jwtEnd(i int) int {
	s := z.s
	if i >= z.jwt.to {
		z.jwt.to = run(s, i, b64url|dot)
		z.jwt.end = trimRun(s, i, z.jwt.to)
	}
	if i >= z.jwt.part {
		z.jwt.part = run(s, i, b64url)
	}
	e := z.jwt.end
	d := min(z.jwt.part, e)
	switch {
	case d-i < 10 || e-i < 17:
		return 0
	case d == e:
		// No dot: a header with an algorithm, cut off.
		if has(s, i, "eyJhbGciOi") || has(s, i, "eyJ0eXAiOi") || has(s, i, "eyJraWQiOi") {
			return e
		}
		return 0
	case run(s[:min(e, d+5)], d+1, b64url) < d+5:
		return 0
	}
	return e
}

// A jwtRun is the run of base64url and dots at the last place where a JSON Web
// Token was looked for: it is read once, whatever it holds.
type jwtRun struct {
	to, end int // Where it ends, and without its last dots and dashes.
	part    int // Where the part without dots ends.
}

// longWord is the length from which a word is looked at by [scan.long].
const longWord = 24

// long handles the long word s[i:j]: tokens that are known by what is within
// them or by their shape.
func (z *scan) long(i, j int) int {
	s := z.s
	// The word's neighbors, as far as base64url goes.
	b := i
	for b > z.last && b > i-64 && is(s[b-1], under|dash|alnum) {
		b--
	}
	if k := indexJWT(s[i:j]); k >= 0 {
		if e := z.jwtEnd(i + k); e > 0 {
			return z.secret(i+k, e)
		}
	}
	switch n := j - i; {
	case n <= 28 && (s[i] == 'M' || s[i] == 'N' || s[i] == 'O') && at(s, j) == '.':
		// Discord bot tokens: user ID, time and HMAC.
		// Source: https://discord.com/developers/docs/reference#authentication
		m := run(s, j+1, b64url)
		if m-j-1 >= 5 && m-j-1 <= 7 && at(s, m) == '.' {
			if e := run(s, m+1, b64url); e-m-1 >= 27 {
				return z.secret(i, e)
			}
		}
	case n == 32 && run(s, i, lowerhex) == j && at(s, j) == '-':
		// Mailchimp <32 hex>-us12, Mailgun <32 hex>-<8 hex>-<8 hex>.
		// Source: gitleaks rules mailchimp-api-key, mailgun-signing-key.
		if has(s, j, "-us") && is(at(s, j+3), digit) {
			return z.secret(i, run(s, j+3, digit))
		}
		if e := run(s, j+1, lowerhex); e-j == 9 && at(s, e) == '-' && run(s, e+1, lowerhex)-e == 9 && !is(at(s, e+9), word) {
			return z.secret(i, e+9)
		}
	case n == 40 && has(s, j-4, "NRAL") && run(s, i, hexdigit) >= j-8:
		// New Relic license keys.
		// Source: https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/
		return z.secret(i, j)
	case n >= 76 && azureSignature(s[i:j]):
		return z.secret(i, run(s, j, b64))
	}
	return j
}

func indexJWT(w string) int {
	for k := 0; k+20 < len(w); k++ {
		if w[k] == 'e' && w[k+1] == 'y' && w[k+2] == 'J' {
			return k
		}
	}
	return -1
}

// azureSignature reports whether a long word has one of the marks that Azure
// puts into its keys.
//
// Source: https://learn.microsoft.com/purview/sit-defn-azure-devops-personal-access-token (AZDO),
// https://github.com/microsoft/security-utilities (JQQJ99).
func azureSignature(w string) bool {
	for k := 40; k+6 <= len(w); k++ {
		if w[k:k+4] == "AZDO" || w[k:k+6] == "JQQJ99" {
			return true
		}
	}
	return false
}

// tilde handles '~' at s[i]: an Azure AD client secret, xxx8Q~ and 31 to 34
// more.
//
// Source: gitleaks rule azure-ad-client-secret.
func (z *scan) tilde(i int) int {
	s := z.s
	if i < 5 || s[i-1] != 'Q' || !is(s[i-2], digit) || !is(s[i-3], word|dot|tilde|dash) || !is(s[i-4], word|dot|tilde|dash) ||
		!is(s[i-5], word|dot|tilde|dash) || is(at(s, i-6), word) {
		return i + 1
	}
	e := run(s, i+1, word|dot|tilde|dash)
	if n := e - i - 1; n < 31 || n > 34 {
		return i + 1
	}
	return z.secret(i-5, e)
}

// sqlPassword masks the string at s[i] in IDENTIFIED BY 'x', PASSWORD 'x'.
func (z *scan) sqlPassword(i int) int {
	q := quoteAt(z.s, i)
	if q.text == "" {
		return i
	}
	return z.quoted(&key{start: i, end: i, outer: i, verdict: secretKey}, i, q)
}
