/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What Unicode says about a character
 *
 * PCRE2 has the tables. Each property becomes a tiny expression that is asked
 * about one character at a time; which names exist is decided here, because
 * Rust knows some that PCRE2 does not and the reverse. A property that only
 * Rust knows (age, breaks, scripts newer than PCRE2's Unicode) is accepted, and
 * a text is then never said to match.
 */

#include "mesh/regex_internal.h"

#define SCRIPT_BYTES 1500  /* what most scripts cost in Rust's program */
#define BINARY_BYTES 10000 /* and binary properties */

static struct gh_regex_set *code_set(struct gh_regex_parser *p,
                                     struct gh_slice pattern,
                                     uint32_t code_bytes)
{
    struct gh_regex_set *s = gh_regex_set_new(p, GH_SET_CODE, NULL);
    int error;
    PCRE2_SIZE at;
    pcre2_compile_context *ctx =
        s && pattern.ptr ? pcre2_compile_context_create(p->memory) : NULL;

    if (!ctx)
        return gh_regex_fail(p, "too large");
    s->code_bytes = code_bytes;
    s->code = pcre2_compile(
        (PCRE2_SPTR)pattern.ptr, pattern.len,
        PCRE2_UTF | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C, &error, &at, ctx);
    return s->code ? s : NULL;
}

struct gh_regex_set *gh_regex_word(struct gh_regex_parser *p)
{
    return code_set(p,
                    GH_SLICE("[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
                             "\\x{200c}\\x{200d}]"),
                    50171);
}

struct gh_regex_set *gh_regex_digit(struct gh_regex_parser *p)
{
    return code_set(p, GH_SLICE("\\p{Nd}"), 5125);
}

struct gh_regex_set *gh_regex_folded(struct gh_regex_parser *p, uint32_t first,
                                     uint32_t last)
{
    return code_set(p,
                    gh_arena_fmt(p->arena, "(?i)[\\x{%x}-\\x{%x}]",
                                 (unsigned)first, (unsigned)last),
                    first == last ? 168 : 1000);
}

/* --- group names --------------------------------------------------------- */

bool gh_regex_in_name(struct gh_regex_parser *p, uint32_t c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    pcre2_match_data *md;

    if (letter || c < 0x80)
        return letter || (!first && ((c >= '0' && c <= '9') || c == '.' ||
                                     c == '[' || c == ']'));
    if (!p->letters) {
        p->letters = code_set(p, GH_SLICE("\\p{Alphabetic}"), 0);
        p->numbers = code_set(p, GH_SLICE("\\p{N}"), 0);
        p->match = pcre2_match_data_create(1, p->memory);
    }
    md = p->match;
    return p->letters && p->numbers && md &&
           (gh_regex_set_has(p->letters, c, md) ||
            (!first && gh_regex_set_has(p->numbers, c, md)));
}

/* --- properties ---------------------------------------------------------- */

struct category {
    char name[3];
    const char *names; /* others for it, each between spaces */
    uint32_t bytes;
};

static const struct category categories[] = {
    {"Lu", " lu uppercaseletter ", 26546},
    {"Ll", " ll lowercaseletter ", 27667},
    {"Lt", " lt titlecaseletter ", 552},
    {"L&", " lc casedletter ", 9594},
    {"Lm", " lm modifierletter ", 4993},
    {"Lo", " lo otherletter ", 34267},
    {"L", " l letter ", 42974},
    {"Mn", " mn nonspacingmark ", 19418},
    {"Mc", " mc spacingmark ", 10341},
    {"Me", " me enclosingmark ", 470},
    {"M", " m mark combiningmark ", 18792},
    {"Nd", " nd decimalnumber digit ", 5125},
    {"Nl", " nl letternumber ", 1113},
    {"No", " no othernumber ", 5115},
    {"N", " n number ", 9763},
    {"Pc", " pc connectorpunctuation ", 540},
    {"Pd", " pd dashpunctuation ", 1393},
    {"Ps", " ps openpunctuation ", 3647},
    {"Pe", " pe closepunctuation ", 3509},
    {"Pi", " pi initialpunctuation ", 589},
    {"Pf", " pf finalpunctuation ", 552},
    {"Po", " po otherpunctuation ", 11239},
    {"P", " p punctuation punct ", 11916},
    {"Sm", " sm mathsymbol ", 3966},
    {"Sc", " sc currencysymbol ", 1726},
    {"Sk", " sk modifiersymbol ", 2023},
    {"So", " so othersymbol ", 13124},
    {"S", " s symbol ", 15840},
    {"Zs", " zs spaceseparator ", 572},
    {"Zl", " zl lineseparator ", 96},
    {"Zp", " zp paragraphseparator ", 96},
    {"Z", " z separator ", 608},
    {"Cc", " cc control cntrl ", 204},
    {"Cf", " cf format ", 1786},
    {"Cn", " cn unassigned ", 42625},
    {"Co", " co privateuse ", 864},
    {"C", " c other ", 43151},
};

/* Accepted by Rust and not known to PCRE2, by kind. */
static const char only_rust[] =
    " hyphen idsu idsunaryoperator idcompatmathcontinue idcompatmathstart"
    " mcm modifiercombiningmark oalpha otheralphabetic odi"
    " otherdefaultignorablecodepoint ogrext othergraphemeextend oidc"
    " otheridcontinue oids otheridstart olower otherlowercase omath othermath"
    " oupper otheruppercase ";
static const char new_scripts[] =
    " garay gara gurungkhema gukh kawi kiratrai krai nagmundari nagm olonal"
    " onao sunuwar sunu todhri todr tulutigalari tutg ";
static const char ages[] =
    " 1.1 2.0 2.1 3.0 3.1 3.2 4.0 4.1 5.0 5.1 5.2 6.0 6.1 6.2 6.3 7.0 8.0 9.0"
    " 10.0 11.0 12.0 12.1 13.0 14.0 15.0 15.1 16.0 v11 v20 v21 v30 v31 v32 v40"
    " v41 v50 v51 v52 v60 v61 v62 v63 v70 v80 v90 v100 v110 v120 v121 v130 v140"
    " v150 v151 v160 ";
static const char grapheme_breaks[] =
    " cn control cr ex extend l lf lv lvt pp prepend ri regionalindicator sm"
    " spacingmark t v zwj ";
static const char word_breaks[] =
    " cr doublequote dq ex extend extendnumlet fo format hebrewletter hl ka"
    " katakana le aletter lf mb midletter midnum midnumlet ml mn newline nl nu"
    " numeric regionalindicator ri singlequote sq wsegspace zwj ";
static const char sentence_breaks[] =
    " at aterm cl close cr ex extend fo format le oletter lf lo lower nu "
    "numeric"
    " scontinue sc se sep sp st sterm up upper ";

static bool listed(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = list; len > 0 && (at = strstr(at, name)); at++) {
        if (at[-1] == ' ' && at[len] == ' ')
            return true;
    }
    return false;
}

/* Case, spaces, "-", "_" and a leading "is" do not count. */
static void normalize(struct gh_slice s, char *ret, size_t size)
{
    bool is = s.len >= 2 && (s.ptr[0] | 32) == 'i' && (s.ptr[1] | 32) == 's';
    size_t n = 0;

    for (size_t i = is ? 2 : 0; i < s.len && n + 1 < size; i++) {
        char c = s.ptr[i];

        if (c >= 'A' && c <= 'Z')
            ret[n++] = (char)(c + 32);
        else if (c != ' ' && c != '-' && c != '_' && (unsigned char)c < 0x80)
            ret[n++] = c;
    }
    /* A name longer than any that exists is no name. */
    ret[n + 1 < size ? n : 0] = '\0';
    if (is && n == 1 && ret[0] == 'c')
        ret[0] = '\0';
}

static bool is_plain(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");

    return n > 0 && name[n] == '\0';
}

/*
 * Letters whose other case is in a set belong to it, too, when case does not
 * count. Of the properties that are about case:
 */
static struct gh_slice folded_property(const char *name)
{
    static const struct {
        const char *names;
        struct gh_slice pattern;
    } folded[] = {
        {" Lu ", GH_SLICE("(?=\\p{CWCM})\\p{L}")},
        {" Ll ", GH_SLICE("\\p{Ll}|(?=\\p{CWCM})\\p{L}")},
        {" Lt ", GH_SLICE("(?i)[\\x{1c5}\\x{1c8}\\x{1cb}\\x{1f2}"
                          "\\x{1f88}-\\x{1f8f}\\x{1f98}-\\x{1f9f}"
                          "\\x{1fa8}-\\x{1faf}\\x{1fbc}\\x{1fcc}\\x{1ffc}]")},
        {" uppercase upper ", GH_SLICE("\\p{CWCM}")},
        {" lowercase lower ", GH_SLICE("[\\p{Lowercase}\\p{CWCM}]")},
    };

    for (size_t i = 0; i < GH_COUNT(folded); i++) {
        if (listed(folded[i].names, name))
            return folded[i].pattern;
    }
    return (struct gh_slice){0};
}

static struct gh_regex_set *ask(struct gh_regex_parser *p, const char *prefix,
                                const char *name, uint32_t bytes)
{
    struct gh_slice folded = folded_property(name);

    if (p->flags.ignore_case && folded.ptr)
        return code_set(p, folded, bytes);
    return code_set(p, gh_arena_fmt(p->arena, "\\p{%s%s}", prefix, name),
                    bytes);
}

static struct gh_regex_set *category(struct gh_regex_parser *p,
                                     const char *name)
{
    if (strcmp(name, "any") == 0)
        return gh_regex_range(p, 0, GH_REGEX_MAX_CHAR);
    if (strcmp(name, "ascii") == 0)
        return gh_regex_range(p, 0, 0x7f);
    if (strcmp(name, "assigned") == 0)
        return code_set(p, GH_SLICE("\\P{Cn}"), 51150);
    for (size_t i = 0; i < GH_COUNT(categories); i++) {
        if (listed(categories[i].names, name))
            return ask(p, "", categories[i].name, categories[i].bytes);
    }
    return NULL;
}

static struct gh_regex_set *script(struct gh_regex_parser *p,
                                   const char *prefix, const char *name)
{
    static const struct gh_slice bidi = GH_SLICE("bidi");
    bool class = gh_slice_starts(gh_slice_str(name), bidi) &&
                 !listed(" bidic bidicontrol bidim bidimirrored ", name);

    /* What PCRE2 knows and Rust does not. */
    if (!is_plain(name) || class || listed(" unknown zzzz ", name))
        return NULL;
    if (listed(new_scripts, name))
        return gh_regex_set_new(p, GH_SET_UNKNOWN, NULL);
    return ask(p, prefix, name, SCRIPT_BYTES);
}

static struct gh_regex_set *binary(struct gh_regex_parser *p, const char *name)
{
    if (!is_plain(name) ||
        listed(" xan xps xsp xuc xwd cs unknown zzzz ", name))
        return NULL;
    if (listed(only_rust, name))
        return gh_regex_set_new(p, GH_SET_UNKNOWN, NULL);
    return ask(p, "", name, BINARY_BYTES);
}

static struct gh_regex_set *by_name(struct gh_regex_parser *p, const char *name)
{
    struct gh_regex_set *s = category(p, name);

    if (!s)
        s = script(p, "sc:", name);
    return s ? s : binary(p, name);
}

static struct gh_regex_set *by_value(struct gh_regex_parser *p,
                                     const char *name, const char *value)
{
    static const struct {
        const char *names;
        const char *values;
    } only[] = {
        {" age ", ages},
        {" gcb graphemeclusterbreak ", grapheme_breaks},
        {" wb wordbreak ", word_breaks},
        {" sb sentencebreak ", sentence_breaks},
    };

    if (listed(" gc generalcategory ", name))
        return category(p, value);
    if (listed(" sc script ", name))
        return script(p, "sc:", value);
    if (listed(" scx scriptextensions ", name))
        return script(p, "scx:", value);
    for (size_t i = 0; i < GH_COUNT(only); i++) {
        if (listed(only[i].names, name) && listed(only[i].values, value))
            return gh_regex_set_new(p, GH_SET_UNKNOWN, NULL);
    }
    return NULL;
}

/* "name", "name=value", "name:value" or "name!=value". */
static struct gh_regex_set *query(struct gh_regex_parser *p, struct gh_slice s,
                                  bool *ret_negated)
{
    const char *unequal = memmem(s.ptr, s.len, "!=", 2);
    size_t at = unequal ? (size_t)(unequal - s.ptr) : gh_slice_find(s, ':');
    size_t behind = unequal ? 2 : 1;
    char name[64];
    char value[64];

    if (at == s.len)
        at = gh_slice_find(s, '=');
    normalize(gh_slice_head(s, at), name, sizeof(name));
    *ret_negated = unequal;
    if (at == s.len)
        return by_name(p, name);
    normalize(gh_slice_drop(s, at + behind), value, sizeof(value));
    return by_value(p, name, value);
}

/* What stands between the braces, without what x mode skips. */
static bool braced(struct gh_regex_parser *p, char *name, size_t size,
                   struct gh_slice *ret)
{
    size_t n = 0;

    while (gh_regex_bump_skip(p) && p->c != '}') {
        /* What is not ASCII does not count, but fills a name. */
        if (n < size && p->c < 0x80)
            name[n++] = (char)p->c;
    }
    if (p->c != '}')
        return gh_regex_fail(p, "unclosed property");
    (void)gh_regex_bump(p);
    *ret = gh_slice_of(name, n < size ? n : 0);
    return true;
}

static bool property_name(struct gh_regex_parser *p, char *name, size_t size,
                          struct gh_slice *ret)
{
    if (!gh_regex_bump_skip(p))
        return gh_regex_fail(p, "incomplete escape");
    if (p->c == '{')
        return braced(p, name, size, ret);
    name[0] = (char)p->c;
    *ret = gh_slice_of(name, p->c < 0x80);
    (void)gh_regex_bump_skip(p);
    return true;
}

struct gh_regex_set *gh_regex_property(struct gh_regex_parser *p)
{
    bool outer = p->c == 'P';
    bool inner = false;
    struct gh_slice name = {0};
    struct gh_regex_set *s;
    char space[256] = {0};

    if (!property_name(p, space, sizeof(space), &name))
        return NULL;
    if (!p->flags.unicode)
        return gh_regex_fail(p, "a property needs Unicode");
    s = query(p, name, &inner);
    if (!s)
        return gh_regex_fail(p, "unknown property");
    return inner != outer ? gh_regex_set_new(p, GH_SET_NOT, s) : s;
}
