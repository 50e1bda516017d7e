// Prints what Go's regexp package, whose syntax Serf's tag filters have, makes of many expressions and texts: the table
// packages/hearsay/test/expressions/re2-table.json holds. To print it: go run interop/re2-table/main.go
package main

import (
	"encoding/json"
	"os"
	"regexp"
)

type row struct {
	Expression string `json:"expression"`
	IsValid    bool   `json:"isValid"`
	// The texts in which it is found, as positions in Texts.
	FoundIn []int `json:"foundIn"`
}

var texts = []string{
	"", "a", "web", "web-1", "WEB", "db-replica", "eu-west-1a", "10.0.0.7", "v1.2.3", "aaaa", "ab\ncd", " web ",
	"é", "naïve", "日本", "😀", "a.b", "a+b", "(x)", "[x]", "a\tb", "_hs", "0", "web,db", "ſ", "K", "\\d", "$", "^",
}

var expressions = []string{
	"", "a", "^web$", "web", "^(web|db)", "web|db", "w.b", "^.$", "^..$", ".*", "^$", "a*", "a+", "a?b", "a{2}", "a{2,3}",
	"a{,3}", "a{1001}", "(a{100}){11}", "[a-c]", "[^a-z]", "[[:digit:]]", "[[:^alpha:]]", "\\d", "\\D", "\\w+", "\\W", "\\s",
	"\\S", "\\bweb\\b", "\\Bb", "\\Aweb", "web\\z", "web\\Z", "(?i)web", "(?i)É", "(?i)k", "(?i)s", "(?s)ab.cd", "ab.cd",
	"(?m)^cd$", "^cd$", "(?U)a+", "(?P<name>web)", "(?<name>web)", "(?:web)", "(?=web)", "(?!web)", "(?<=w)eb", "(?<!w)eb",
	"(a)\\1", "\\pL", "\\p{Greek}", "\\p{Han}", "\\PN", "\\p{Nope}", "\\x41", "\\x{1F600}", "\\u0041", "\\Qa.b\\E", "\\Qa+b",
	"\\.", "\\+", "\\(", "a.b", "a\\tb", "[a\\]x]", "[]a]", "[x", "(x", "x)", "*a", "+", "?", "a**", "a++", "a*?", "a+?", "a??",
	"\\", "\\8", "\\0", "\\01", "\\e", "\\C", "\\h", "\\v", "\\f", "\\a", "[\\d-z]", "[z-a]", "[a-\\d]", "x{2}{3}", "(|a)+",
	"(a*)*", "(a*)+", "((a))", "^^", "$$", "a$b", "(?i:WEB)-1", "(?-i)web", "(?x)web", "[[:word:]]+", "[[:nope:]]",
	"[[=a=]]", ".", "\\pN\\.", "日", "[日本]+", "😀", "[^\\x00-\\x7F]", "(?i)ſ", "(?i)K", "\\z", "\\A\\z", "\\b", "\\B", "",
	"(?i)[a-c]", "(?i)[^a-c]", "a|", "|", "()", "(?:)", "(?P<n>a)(?P<n>b)", "(?P<>a)", "(?P=n)", "\\k<n>", "(?#c)", "(?>a)", "a{0}",
	"a{0,0}b", "a{2,1}", "a{-1}", "a{x}", "{", "}", "]", "a{", "a{1", "a{1,", "\\{", "[a-z&&[b]]", "\\R", "\\X", "\\N{x}", "\\cA",
}

func main() {
	rows := []row{}
	for _, expression := range expressions {
		compiled, err := regexp.Compile(expression)
		found := []int{}
		if err == nil {
			for i, text := range texts {
				if compiled.MatchString(text) {
					found = append(found, i)
				}
			}
		}
		rows = append(rows, row{expression, err == nil, found})
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"texts": texts, "rows": rows})
}
