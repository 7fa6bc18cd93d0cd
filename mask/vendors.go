package mask

import "strings"

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
	behind int    // How many bytes before the prefix belong to the secret.
	source string // Where the format is documented.
}

// A rule is a further condition on a vendor's secret.
type rule uint8

const (
	anyBody    rule = iota
	withDigit       // The body has a digit and a letter.
	mixedCase       // The body has a digit or both cases: no word, no slug.
	random          // The body has a digit and both cases.
	noSlug          // The body has a digit and a letter, and both cases or no dash.
	isJWT           // Dot-separated base64url parts.
	dotted          // The body has a dot within.
	alnumAfter      // Exactly min bytes, then no letter or digit.
)

// The sources of most formats: facts from the rules of the gitleaks project,
// by their names, and from GitHub's list of what its secret scanning knows.
const (
	gl  = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml "
	ghl = "https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns "
)

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
	{name: "AWS Bedrock key, short-lived", prefix: "bedrock-api-key-", body: b64, min: 30, source: gl + "aws-amazon-bedrock-api-key-short-lived"},
	{name: "Azure SAS signature", prefix: "sig=", body: b64url | b64extra | percent, min: 40, keep: 4, source: "https://learn.microsoft.com/rest/api/storageservices/create-service-sas"},
	{name: "Azure container registry key", prefix: "ACR", body: alnum, min: 6, rule: alnumAfter, behind: 43, source: "https://github.com/microsoft/security-utilities"},
	{name: "Alibaba access key", prefix: "LTAI", body: alnum, min: 12, max: 24, rule: mixedCase, source: gl + "alibaba-access-key-id"},
	{name: "Baidu Cloud key", prefix: "bce-v3/ALTAK-", body: alnum | slash, min: 40, source: ghl + "baiducloud_api_accesskey"},
	{name: "Tencent secret ID", prefix: "AKID", body: alnum, min: 32, max: 36, source: "https://github.com/trufflesecurity/trufflehog tencentcloudkey"},
	{name: "Google API key", prefix: "AIza", body: b64url, min: 30, source: gl + "gcp-api-key"},
	{name: "Google OAuth token", prefix: "ya29.", body: b64url | dot, min: 16, source: "https://developers.google.com/identity/protocols/oauth2"},
	{name: "Google OAuth secret", prefix: "GOCSPX-", body: b64url, min: 20, source: "https://developers.google.com/identity/protocols/oauth2"},
	{name: "Google refresh token", prefix: "1//0", body: b64url, min: 30, source: "https://developers.google.com/identity/protocols/oauth2"},
	{name: "Google cloud storage HMAC key", prefix: "GOOG", body: upper | digit, min: 20, max: 57, rule: withDigit, source: "https://cloud.google.com/storage/docs/authentication/hmackeys"},
	{name: "Firebase messaging key", prefix: "APA91b", body: b64url, min: 100, source: ghl + "google_fcm_server_key"},
	{name: "Yandex API key", prefix: "AQVN", body: b64url, min: 35, max: 38, source: gl + "yandex-api-key"},
	{name: "Yandex IAM token", prefix: "t1.", body: b64url | dot, min: 86, source: gl + "yandex-access-token"},
	{name: "Yandex static key", prefix: "YC", body: b64url, min: 38, max: 38, rule: random, source: gl + "yandex-aws-access-token"},
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
	{name: "Vercel token", prefix: "vci_", body: alnum, min: 40, source: ghl + "vercel tokens"},
	{name: "Vercel token", prefix: "vca_", body: alnum, min: 40, source: ghl + "vercel tokens"},
	{name: "Vercel token", prefix: "vcr_", body: alnum, min: 40, source: ghl + "vercel tokens"},
	{name: "Vercel token", prefix: "vck_", body: alnum, min: 40, source: ghl + "vercel tokens"},
	{name: "Vercel blob token", prefix: "vercel_blob_rw_", body: alnum | under, min: 30, source: "https://vercel.com/docs/vercel-blob"},
	{name: "Netlify token", prefix: "nfp_", body: alnum, min: 30, source: "https://docs.netlify.com/api/get-started/"},
	{name: "Netlify CLI token", prefix: "nfc_", body: alnum, min: 30, source: "https://docs.netlify.com/api/get-started/"},
	{name: "Netlify OAuth token", prefix: "nfo_", body: alnum, min: 30, source: "https://docs.netlify.com/api/get-started/"},
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
	{name: "GitHub server token", prefix: "ghs_", body: b64url | dot, min: 30, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
	{name: "GitHub refresh token", prefix: "ghr_", body: alnum | under, min: 30, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
	{name: "GitHub installation token, old", prefix: "v1.", body: lowerhex, min: 40, rule: alnumAfter, source: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/"},
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
	{name: "GitLab runner token, old", prefix: "glrtr-", body: b64url, min: 16, source: "https://docs.gitlab.com/security/tokens/#token-prefixes"},
	{name: "GitLab runner registration", prefix: "GR1348941", body: b64url, min: 16, source: gl + "gitlab-rrt"},
	{name: "GitLab SCIM token", prefix: "glsoat-", body: b64url, min: 16, source: gl + "gitlab-scim-token"},
	{name: "GitLab workspace token", prefix: "glwt-", body: b64url, min: 16, source: "https://docs.gitlab.com/security/tokens/#token-prefixes"},
	{name: "Bitbucket app password", prefix: "ATBB", body: alnum | b64extra | under | dash, min: 20, rule: mixedCase, source: "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/"},
	{name: "Atlassian token", prefix: "ATATT3", body: b64url | equal, min: 30, source: gl + "atlassian-api-token"},
	{name: "Atlassian access token", prefix: "ATCTT3", body: b64url | equal, min: 30, source: "https://support.atlassian.com/bitbucket-cloud/docs/repository-access-tokens/"},
	{name: "Atlassian scoped token", prefix: "ATSTT3", body: b64url | equal, min: 30, source: ghl + "atlassian_api_token"},
	{name: "Sourcegraph token", prefix: "sgp_", body: alnum | under, min: 32, source: gl + "sourcegraph-access-token"},
	{name: "Sourcegraph license key", prefix: "slk_", body: hexdigit, min: 64, max: 64, source: ghl + "sourcegraph_license_key"},
	{name: "Sourcegraph token", prefix: "sgd_", body: hexdigit, min: 64, max: 64, source: ghl + "sourcegraph_product_subscription_access_token"},
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
	{name: "Octopus key", prefix: "API-", body: upper | digit, min: 26, max: 26, rule: withDigit, source: gl + "octopus-deploy-api-key"},
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
	{name: "Vault batch token, old", prefix: "b.AAAAAQ", body: b64url, min: 60, source: "https://developer.hashicorp.com/vault/docs/concepts/tokens"},
	{name: "Vault service token, old", prefix: "s.", body: alnum, min: 24, max: 24, rule: withDigit, source: gl + "vault-service-token"},
	{name: "age secret key", prefix: "AGE-SECRET-KEY-1", body: alnum, min: 10, source: "https://github.com/C2SP/C2SP/blob/main/age.md"},
	{name: "age plugin secret key", prefix: "AGE-SECRET-KEY-PQ-1", body: alnum, min: 10, source: "https://github.com/C2SP/C2SP/blob/main/age.md"},
	{name: "1Password service token", prefix: "ops_eyJ", body: b64url | b64extra, min: 40, source: gl + "1password-service-account-token"},
	{name: "1Password secret key", prefix: "A3-", body: upper | digit | dash, min: 30, max: 40, rule: withDigit, source: gl + "1password-secret-key"},
	{name: "Doppler token", prefix: "dp.pt.", body: alnum, min: 30, source: gl + "doppler-api-token"},
	{name: "Doppler service token", prefix: "dp.st.", body: alnum | dot | under | dash, min: 30, source: "https://docs.doppler.com/docs/service-tokens"},
	{name: "Doppler CLI token", prefix: "dp.ct.", body: alnum, min: 30, source: "https://docs.doppler.com/docs/service-tokens"},
	{name: "Doppler service account token", prefix: "dp.sa.", body: alnum, min: 30, source: "https://docs.doppler.com/docs/service-accounts"},
	{name: "Doppler SCIM token", prefix: "dp.scim.", body: alnum, min: 30, source: ghl + "doppler_scim_token"},
	{name: "Doppler audit token", prefix: "dp.audit.", body: alnum, min: 30, source: ghl + "doppler_audit_token"},
	{name: "Tailscale key", prefix: "tskey-", body: b64url, min: 16, rule: withDigit, source: "https://tailscale.com/kb/1252/key-prefixes"},
	{name: "OpenShift token", prefix: "sha256~", body: b64url, min: 40, source: gl + "openshift-user-token"},
	{name: "Defined Networking key", prefix: "dnkey-", body: b64url, min: 40, source: gl + "defined-networking-api-token"},
	{name: "Authress key", prefix: "sc_", body: token68, min: 70, rule: dotted, source: gl + "authress-service-client-access-key"},

	// Chat and mail.
	{name: "Slack bot token", prefix: "xoxb-", body: alnum | dash, min: 10, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack user token", prefix: "xoxp-", body: alnum | dash, min: 10, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack workspace token", prefix: "xoxa-", body: alnum | dash, min: 8, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack refresh token", prefix: "xoxr-", body: alnum | dash, min: 8, source: "https://api.slack.com/authentication/token-types"},
	{name: "Slack legacy token", prefix: "xoxo-", body: alnum | dash, min: 24, source: gl + "slack-legacy-token"},
	{name: "Slack session token", prefix: "xoxs-", body: alnum | dash, min: 10, source: gl + "slack-legacy-token"},
	{name: "Slack client token", prefix: "xoxc-", body: alnum | dash, min: 10, source: "https://github.com/trufflesecurity/trufflehog slack"},
	{name: "Slack cookie", prefix: "xoxd-", body: b64url | b64extra | percent, min: 10, source: "https://github.com/trufflesecurity/trufflehog slack"},
	{name: "Slack configuration token", prefix: "xoxe.", body: alnum | dash, min: 10, source: gl + "slack-config-access-token"},
	{name: "Slack configuration refresh token", prefix: "xoxe-", body: alnum | dash, min: 10, source: gl + "slack-config-refresh-token"},
	{name: "Slack app token", prefix: "xapp-", body: alnum | dash, min: 10, source: gl + "slack-app-token"},
	{name: "Slack workflow token", prefix: "xwfp-", body: alnum | dash, min: 20, source: "https://docs.slack.dev/authentication/tokens"},
	{name: "Slack webhook", prefix: "hooks.slack.com/services/", body: alnum | slash, min: 16, keep: 25, source: gl + "slack-webhook-url"},
	{name: "Slack workflow webhook", prefix: "hooks.slack.com/workflows/", body: alnum | slash, min: 16, keep: 26, source: gl + "slack-webhook-url"},
	{name: "Slack trigger", prefix: "hooks.slack.com/triggers/", body: alnum | slash, min: 16, keep: 25, source: gl + "slack-webhook-url"},
	{name: "Discord webhook", prefix: "discord.com/api/webhooks/", body: b64url | slash, min: 16, keep: 25, source: "https://discord.com/developers/docs/resources/webhook"},
	{name: "Discord webhook", prefix: "discordapp.com/api/webhooks/", body: b64url | slash, min: 16, keep: 28, source: "https://discord.com/developers/docs/resources/webhook"},
	{name: "Discord MFA token", prefix: "mfa.", body: b64url, min: 60, source: "https://github.com/trufflesecurity/trufflehog discordbottoken"},
	{name: "Teams webhook", prefix: "webhook.office.com/webhookb2/", body: alnum | dash | slash | atSign, min: 32, keep: 29, source: gl + "microsoft-teams-webhook"},
	{name: "Zapier webhook", prefix: "hooks.zapier.com/hooks/catch/", body: alnum | slash, min: 8, keep: 29, source: "https://github.com/trufflesecurity/trufflehog zapierwebhook"},
	{name: "SendGrid key", prefix: "SG.", body: b64url | dot, min: 30, rule: dotted, source: "https://docs.sendgrid.com/ui/account-and-settings/api-keys"},
	{name: "Sendinblue key", prefix: "xkeysib-", body: alnum | dash, min: 40, source: gl + "sendinblue-api-token"},
	{name: "Sendinblue SMTP key", prefix: "xsmtpsib-", body: alnum | dash, min: 40, source: "https://developers.brevo.com/docs/getting-started"},
	{name: "Mailgun key", prefix: "key-", body: hexdigit, min: 32, max: 32, source: gl + "mailgun-private-api-token"},
	{name: "Mailgun public key", prefix: "pubkey-", body: hexdigit, min: 32, max: 32, source: gl + "mailgun-pub-key"},
	{name: "Twilio API key", prefix: "SK", body: lowerhex, min: 32, max: 32, source: "https://www.twilio.com/docs/iam/api-keys"},
	{name: "Twilio account", prefix: "AC", body: lowerhex, min: 32, max: 32, source: ghl + "twilio_account_sid"},
	{name: "Resend key", prefix: "re_", body: alnum | under, min: 24, max: 40, rule: mixedCase, source: "https://resend.com/docs/dashboard/api-keys/introduction"},

	// Payment and shops.
	{name: "Stripe secret key", prefix: "sk_live_", body: b64url, min: 10, source: "https://docs.stripe.com/keys"},
	{name: "Stripe test key", prefix: "sk_test_", body: b64url, min: 10, source: "https://docs.stripe.com/keys"},
	{name: "Stripe secret key", prefix: "sk_prod_", body: alnum | under, min: 10, source: gl + "stripe-access-token"},
	{name: "Checkout.com sandbox key", prefix: "sk_sbox_", body: alnum, min: 27, source: "https://www.checkout.com/docs/developer-resources/api/api-authentication"},
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
	{name: "PayPal Braintree token", prefix: "access_token$production$", body: alnum | dollar, min: 40, source: "https://github.com/mazen160/secrets-patterns-db PayPal Braintree"},
	{name: "PayPal Braintree sandbox token", prefix: "access_token$sandbox$", body: alnum | dollar, min: 40, source: ghl + "paypal_braintree_access_token"},
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
	{name: "GoCardless sandbox token", prefix: "sandbox_", body: b64url, min: 40, max: 42, rule: mixedCase, source: ghl + "gocardless_sandbox_access_token"},
	{name: "Mollie, Lob or Scale key", prefix: "live_", body: alnum, min: 30, max: 35, rule: withDigit, source: gl + "lob-api-key"},
	{name: "Mollie, Lob or Scale test key", prefix: "test_", body: alnum, min: 30, max: 35, rule: withDigit, source: gl + "lob-api-key"},
	{name: "Paddle key", prefix: "pdl_live_apikey_", body: alnum | under, min: 40, source: "https://developer.paddle.com/api-reference/about/api-keys"},
	{name: "Paddle sandbox key", prefix: "pdl_sdbx_apikey_", body: alnum | under, min: 40, source: "https://developer.paddle.com/api-reference/about/api-keys"},
	{name: "Polar token", prefix: "polar_oat_", body: alnum, min: 30, source: "https://docs.polar.sh/integrate/oat"},
	{name: "Polar token", prefix: "polar_pat_", body: alnum, min: 30, source: "https://docs.polar.sh/integrate/oat"},
	{name: "WooCommerce key", prefix: "ck_", body: lowerhex, min: 40, max: 40, source: "https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication"},
	{name: "WooCommerce secret", prefix: "cs_", body: lowerhex, min: 40, max: 40, source: "https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication"},
	{name: "extended private key", prefix: "xprv", body: alnum, min: 100, source: "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki"},

	// Models.
	{name: "Anthropic key", prefix: "sk-ant-", body: b64url, min: 16, source: gl + "anthropic-api-key"},
	{name: "OpenAI project key", prefix: "sk-proj-", body: b64url, min: 16, source: gl + "openai-api-key"},
	{name: "OpenAI service account key", prefix: "sk-svcacct-", body: b64url, min: 16, source: gl + "openai-api-key"},
	{name: "OpenAI admin key", prefix: "sk-admin-", body: b64url, min: 16, source: gl + "openai-api-key"},
	{name: "OpenRouter key", prefix: "sk-or-", body: b64url, min: 16, source: "https://openrouter.ai/docs/api-reference/authentication"},
	{name: "Langfuse key", prefix: "sk-lf-", body: hexdigit | dash, min: 36, source: "https://langfuse.com/docs/api-and-data-platform/features/public-api"},
	{name: "OpenAI key", prefix: "sk-", body: b64url, min: 20, rule: noSlug, source: gl + "openai-api-key"},
	{name: "Hugging Face token", prefix: "hf_", body: alnum, min: 30, max: 40, rule: mixedCase, source: gl + "huggingface-access-token"},
	{name: "Hugging Face organization token", prefix: "api_org_", body: alnum, min: 28, source: gl + "huggingface-organization-api-token"},
	{name: "Perplexity key", prefix: "pplx-", body: alnum, min: 32, source: gl + "perplexity-api-key"},
	{name: "Groq key", prefix: "gsk_", body: alnum, min: 30, source: "https://console.groq.com/docs/quickstart"},
	{name: "xAI key", prefix: "xai-", body: alnum, min: 40, source: "https://docs.x.ai/docs/overview"},
	{name: "Replicate token", prefix: "r8_", body: alnum, min: 30, source: "https://replicate.com/docs/topics/security/api-tokens"},
	{name: "LangSmith key", prefix: "lsv2_", body: alnum | under, min: 36, source: "https://docs.smith.langchain.com/"},
	{name: "Pinecone key", prefix: "pcsk_", body: alnum | under, min: 40, source: "https://docs.pinecone.io/guides/projects/manage-api-keys"},
	{name: "NVIDIA key", prefix: "nvapi-", body: b64url, min: 40, source: "https://docs.api.nvidia.com/"},
	{name: "Tavily key", prefix: "tvly-", body: alnum | dash, min: 20, rule: noSlug, source: "https://docs.tavily.com/"},
	{name: "ElevenLabs key", prefix: "sk_", body: hexdigit, min: 40, max: 64, source: "https://elevenlabs.io/docs/api-reference/authentication"},
	{name: "Clerk or Knock key", prefix: "sk_", body: alnum, min: 28, max: 64, rule: withDigit, source: gl + "freemius-secret-key"},
	{name: "Weights & Biases key", prefix: "wandb_v1_", body: alnum | under, min: 40, source: "https://docs.wandb.ai/"},
	{name: "Cerebras key", prefix: "csk-", body: alnum, min: 40, source: "https://inference-docs.cerebras.ai/"},
	{name: "Fireworks key", prefix: "fw_", body: alnum, min: 22, max: 26, rule: random, source: ghl + "fireworks_ai_api_key"},
	{name: "Together key", prefix: "tgp_v1_", body: b64url, min: 40, source: "https://docs.together.ai/"},
	{name: "Jina key", prefix: "jina_", body: b64url, min: 56, source: "https://github.com/praetorian-inc/noseyparker jina.yml"},
	{name: "Voyage key", prefix: "pa-", body: b64url, min: 43, max: 43, rule: random, source: "https://docs.voyageai.com/docs/api-key-and-installation"},
	{name: "Firecrawl key", prefix: "fc-", body: hexdigit, min: 32, max: 32, rule: withDigit, source: "https://github.com/praetorian-inc/noseyparker firecrawl.yml"},
	{name: "E2B key", prefix: "e2b_", body: hexdigit, min: 40, source: "https://e2b.dev/docs/api-key"},

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
	{name: "Dynatrace platform token", prefix: "dt0s", body: alnum | dot, min: 40, source: "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/platform-tokens"},
	{name: "Datadog application key", prefix: "ddapp_", body: alnum | under, min: 30, source: "https://docs.datadoghq.com/account_management/api-app-keys/"},
	{name: "Datadog personal token", prefix: "ddpat_", body: alnum | under, min: 30, source: "https://docs.datadoghq.com/account_management/"},
	{name: "Honeycomb key", prefix: "hcaik_", body: alnum, min: 40, source: "https://docs.honeycomb.io/configure/environments/manage-api-keys/"},
	{name: "Honeycomb key", prefix: "hcaic_", body: alnum, min: 40, source: "https://docs.honeycomb.io/configure/environments/manage-api-keys/"},
	{name: "Axiom token", prefix: "xaat-", body: alnum | dash, min: 32, source: "https://axiom.co/docs/reference/tokens"},
	{name: "Axiom personal token", prefix: "xapt-", body: alnum | dash, min: 32, source: "https://axiom.co/docs/reference/tokens"},
	{name: "Logfire token", prefix: "pylf_v", body: b64url, min: 40, source: "https://logfire.pydantic.dev/docs/how-to-guides/create-write-tokens/"},
	{name: "Rootly key", prefix: "rootly_", body: hexdigit, min: 40, source: ghl + "rootly_api_key"},
	{name: "PostHog personal key", prefix: "phx_", body: alnum, min: 40, source: ghl + "posthog_personal_api_key"},
	{name: "PostHog secure key", prefix: "phs_", body: alnum, min: 40, source: ghl + "posthog_feature_flags_secure_api_key"},
	{name: "Statsig key", prefix: "secret-", body: alnum, min: 40, rule: withDigit, source: "https://docs.statsig.com/sdk-keys/api-keys/"},
	{name: "StackHawk key", prefix: "hawk.", body: b64url | dot, min: 40, rule: dotted, source: "https://github.com/praetorian-inc/noseyparker stackhawk.yml"},
	{name: "LaunchDarkly SDK key", prefix: "sdk-", body: hexdigit | dash, min: 36, max: 36, source: "https://docs.launchdarkly.com/home/account/api"},
	{name: "LaunchDarkly token", prefix: "api-", body: hexdigit | dash, min: 36, max: 36, source: "https://docs.launchdarkly.com/home/account/api"},

	// Tools and services.
	{name: "Airtable token", prefix: "pat", body: alnum | dot, min: 70, max: 82, rule: dotted, source: gl + "airtable-personnal-access-token"},
	{name: "Notion token", prefix: "ntn_", body: alnum, min: 40, source: gl + "notion-api-token"},
	{name: "Notion secret", prefix: "secret_", body: alnum, min: 43, max: 43, source: "https://developers.notion.com/docs/authorization"},
	{name: "Linear key", prefix: "lin_api_", body: alnum, min: 30, source: gl + "linear-api-key"},
	{name: "Linear OAuth token", prefix: "lin_oauth_", body: alnum, min: 30, source: "https://developers.linear.app/docs/oauth/authentication"},
	{name: "Figma token", prefix: "figd_", body: b64url, min: 30, source: "https://www.figma.com/developers/api#access-tokens"},
	{name: "Postman key", prefix: "PMAK-", body: alnum | dash, min: 40, source: gl + "postman-api-token"},
	{name: "Postman collection key", prefix: "PMAT-", body: upper | digit, min: 26, max: 26, source: ghl + "postman_collection_key"},
	{name: "ReadMe key", prefix: "rdme_", body: alnum, min: 50, source: gl + "readme-api-token"},
	{name: "Typeform token", prefix: "tfp_", body: b64url | dot, min: 40, source: gl + "typeform-api-token"},
	{name: "HubSpot token", prefix: "pat-na1-", body: hexdigit | dash, min: 32, source: "https://developers.hubspot.com/docs/api/private-apps"},
	{name: "HubSpot token", prefix: "pat-eu1-", body: hexdigit | dash, min: 32, source: "https://developers.hubspot.com/docs/api/private-apps"},
	{name: "HubSpot token", prefix: "pat-na2-", body: hexdigit | dash, min: 32, source: "https://developers.hubspot.com/docs/api/private-apps"},
	{name: "HubSpot token", prefix: "pat-ap1-", body: hexdigit | dash, min: 32, source: "https://developers.hubspot.com/docs/api/private-apps"},
	{name: "Contentful token", prefix: "CFPAT-", body: b64url, min: 40, source: "https://www.contentful.com/developers/docs/references/authentication/"},
	{name: "Mapbox secret token", prefix: "sk.eyJ", body: b64url | dot, min: 40, source: "https://docs.mapbox.com/help/glossary/access-token/"},
	{name: "Facebook token", prefix: "EAA", body: alnum, min: 80, source: gl + "facebook-page-access-token"},
	{name: "Instagram token", prefix: "IGQV", body: b64url, min: 60, source: "https://developers.facebook.com/docs/instagram-basic-display-api"},
	{name: "Twitter bearer token", prefix: "AAAAAAAAAAAAAAAAAAAA", body: alnum | local, min: 60, source: gl + "twitter-bearer-token"},
	{name: "Dropbox token", prefix: "sl.", body: b64url | b64extra, min: 100, source: gl + "dropbox-short-lived-api-token"},
	{name: "Dropbox token", prefix: "sl.u.", body: b64url, min: 100, source: ghl + "dropbox_short_lived_access_token"},
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
	{name: "Adafruit key", prefix: "aio_", body: alnum, min: 28, max: 28, rule: withDigit, source: "https://github.com/praetorian-inc/noseyparker adafruitio.yml"},
	{name: "Aiven password", prefix: "AVNS_", body: b64url, min: 18, source: ghl + "aiven_service_password"},
	{name: "Apify token", prefix: "apify_api_", body: alnum, min: 30, source: ghl + "apify_actor_run_api_token"},
	{name: "ClickUp token", prefix: "pk_", body: upper | digit | under, min: 38, max: 44, rule: withDigit, source: ghl + "clickup_personal_token"},
	{name: "DevCycle key", prefix: "dvc_server_", body: b64url, min: 30, source: ghl + "devcycle_server_api_key"},
	{name: "DevCycle mobile key", prefix: "dvc_mobile_", body: b64url, min: 30, source: ghl + "devcycle_mobile_api_key"},
	{name: "Docker Swarm join token", prefix: "SWMTKN-1-", body: lower | digit | dash, min: 60, source: "https://docs.docker.com/reference/cli/docker/swarm/join-token/"},
	{name: "Elastic Cloud key", prefix: "essu_", body: b64, min: 30, source: "https://www.elastic.co/docs/deploy-manage/api-keys/elastic-cloud-api-keys"},
	{name: "Intercom token", prefix: "dG9rO", body: b64, min: 40, source: ghl + "intercom_access_token"},
	{name: "Ionic token", prefix: "ion_", body: alnum, min: 42, max: 42, rule: mixedCase, source: ghl + "ionic_personal_access_token"},
	{name: "MongoDB Atlas secret", prefix: "mdb_sa_sk_", body: b64url, min: 30, source: ghl + "mongodb_atlas_service_account_secret"},
	{name: "Okta token", prefix: "00", body: b64url, min: 40, max: 40, rule: random, source: gl + "okta-access-token"},
	{name: "Onfido token", prefix: "api_live.", body: b64url | dot, min: 40, source: ghl + "onfido_live_api_token"},
	{name: "Onfido sandbox token", prefix: "api_sandbox.", body: b64url | dot, min: 40, source: ghl + "onfido_sandbox_api_token"},
	{name: "Open VSX token", prefix: "ovsxat_", body: hexdigit | dash, min: 36, source: "https://github.com/eclipse/openvsx/wiki"},
	{name: "Ory token", prefix: "ory_at_", body: b64url | dot, min: 30, source: "https://www.ory.com/docs/oauth2-oidc/resource-owner-password-grant"},
	{name: "Ory refresh token", prefix: "ory_rt_", body: b64url | dot, min: 30, source: "https://www.ory.com/docs/oauth2-oidc/refresh-token-grant"},
	{name: "Ory API key", prefix: "ory_pat_", body: alnum, min: 30, source: ghl + "ory_workspace_api_key"},
	{name: "Persona key", prefix: "persona_production_", body: hexdigit | dash, min: 32, source: ghl + "persona_production_api_key"},
	{name: "Persona sandbox key", prefix: "persona_sandbox_", body: hexdigit | dash, min: 32, source: ghl + "persona_sandbox_api_key"},
	{name: "Pinterest token", prefix: "pina_", body: alnum | under, min: 30, source: ghl + "pinterest_access_token"},
	{name: "Salesforce session", prefix: "00D", body: alnum | under | dot | bang, min: 80, rule: withDigit, source: "https://github.com/praetorian-inc/noseyparker salesforce.yml"},
	{name: "Samsara token", prefix: "samsara_api_", body: alnum, min: 28, source: ghl + "samsara_api_access_token"},
	{name: "Thunderstore token", prefix: "tss_", body: alnum, min: 36, rule: withDigit, source: ghl + "thunderstore_io_api_token"},
	{name: "Trigger.dev key", prefix: "tr_prod_", body: alnum, min: 20, max: 30, rule: withDigit, source: "https://trigger.dev/docs/apikeys"},
	{name: "Trigger.dev key", prefix: "tr_dev_", body: alnum, min: 20, max: 30, rule: withDigit, source: "https://trigger.dev/docs/apikeys"},
	{name: "Ubidots token", prefix: "BBFF-", body: alnum, min: 30, max: 30, source: ghl + "ubidots_token"},
	{name: "Unkey key", prefix: "unkey_", body: alnum, min: 20, rule: mixedCase, source: ghl + "unkey_root_key"},
	{name: "WakaTime key", prefix: "waka_", body: hexdigit | dash, min: 36, max: 36, source: ghl + "wakatime_api_key"},
	{name: "Zuplo or Zapier key", prefix: "zpka_", body: alnum | under, min: 40, source: ghl + "zuplo_consumer_api_key"},
	{name: "MaxMind key", prefix: "mmk", body: alnum, min: 0, rule: alnumAfter, behind: 37, source: gl + "maxmind-license-key"},
	{name: "Terraform token", prefix: "atlasv1.", body: b64url | equal, min: 60, max: 70, behind: 15, source: gl + "hashicorp-tf-api-token"},
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
		if v.prefix[1] != s[i+1] || !has(s, i, v.prefix) {
			continue
		}
		if e := v.end(z, i); e > 0 && v.startsBehind(s, i, z.last) {
			return z.secret(i-v.behind+v.keep, e)
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

// end returns the end of the vendor's secret at s[i], or 0.
func (v *vendor) end(z *scan, i int) int {
	if v.rule == isJWT {
		return z.jwtEnd(i)
	}
	s := z.s
	from := i + len(v.prefix)
	// Its start decides. What is masked may be longer, but what is not has been
	// read in vain.
	look := min(len(s), from+max(v.min, v.max)+32)
	e := run(s[:look], from, v.body)
	more := e == look
	e = trimRun(s, from, e)
	n := e - from
	if n < v.min || v.max > 0 && n > v.max {
		return 0
	}
	body := s[from:e]
	switch v.rule {
	case anyBody, isJWT:
	case withDigit:
		if !mixed(body) {
			return 0
		}
	case mixedCase:
		if !mixed(body) && !bothCases(body) {
			return 0
		}
	case random:
		if !mixed(body) || !bothCases(body) {
			return 0
		}
	case noSlug:
		if !mixed(body) || !bothCases(body) && strings.IndexByte(body, '-') >= 0 {
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

// startsBehind reports whether the bytes before the prefix at s[i] are as many
// as belong to the vendor's secret, and none of them is done.
func (v *vendor) startsBehind(s string, i, done int) bool {
	if v.behind == 0 {
		return true
	}
	from := i - v.behind
	return from >= done && run(s[:i], from, b64|under|dot) == i && !glued(s, from)
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
	case n == 27 && s[i] == '2' && at(s, j) == '_' && run(s, j+1, alnum) == j+22 && mixed(s[i:j]):
		// ngrok: a KSUID and 21 more.
		// Source: trufflehog detector ngrok.
		return z.secret(i, j+22)
	case n == 40 && has(s, j-4, "NRAL"):
		// New Relic license keys.
		// Source: https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/
		return z.secret(i, j)
	case n >= 52 && azureSignature(s[i:j]):
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
// puts into keys without padding.
//
// Source: https://learn.microsoft.com/purview/sit-defn-azure-devops-personal-access-token (AZDO),
// https://github.com/microsoft/security-utilities (JQQJ99, AzSe).
func azureSignature(w string) bool {
	if len(w) == 52 && w[42:46] == "AzSe" {
		return true
	}
	for k := 40; len(w) >= 76 && k+6 <= len(w); k++ {
		if w[k:k+4] == "AZDO" || w[k:k+6] == "JQQJ99" {
			return true
		}
	}
	return false
}

// azureMarks are the marks that Azure puts into keys that end in padding, six
// bytes before it, and how many bytes of the key precede them.
//
// Source: https://github.com/microsoft/security-utilities.
var azureMarks = map[string]int{
	"+ASt": 76, "ACDb": 76, "+ABa": 76, "+AMC": 76, "APIM": 76, // Storage, Cosmos DB, Batch, Machine Learning, API Management.
	"+ASb": 33, "+AEh": 33, "+ARm": 33, "AIoT": 33, "AZEG": 33, // Service Bus, Event Hubs, Relay, IoT, Event Grid.
	"AzFu": 44, "AzCa": 33, // Functions, Redis.
}

// azureKey masks the key of Azure whose padding starts at s[i], and returns
// its end; 0 if there is none.
func (z *scan) azureKey(i int) int {
	s := z.s
	n := azureMarks[s[i-10:i-6]]
	from := i - 10 - n
	if n == 0 || from < z.last || run(s[:i], from, b64url|plus|slash) < i || glued(s, from) {
		return 0
	}
	return z.secret(from, run(s, i, equal))
}

// tilde handles '~' at s[i]: an Azure AD client secret, xxx8Q~ and 31 to 34
// more.
//
// Source: gitleaks rule azure-ad-client-secret.
func (z *scan) tilde(i int) int {
	s := z.s
	if i < 5 || s[i-1] != 'Q' || !is(s[i-2], digit) || run(s[:i-2], i-5, word|dot|tilde|dash) < i-2 || is(at(s, i-6), word) {
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
