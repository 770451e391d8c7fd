// Package page writes a page that is one file: its style, its program and its data are inside, and
// it asks for nothing else. Whatever the data hold, they are text: they are written as JSON that no
// HTML parser acts upon, and the program sets text as text. The page's Content-Security-Policy
// names the style and the program by their hashes and forbids everything else.
//
// The program (data.js to main.js) shows the account that package report hands over: see its type pageData.
// Nothing but Write refers to the assets, so that a binary which writes no page does not hold them:
// about 50 KB. A binary with text/template or html/template does, for the linker keeps all methods
// that a template could call by name.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"strings"
)

//go:embed page.css
var style string

//go:embed page.html
var body string

// The program: the account, cells and their places, the map, the tables, and the page as a whole.
//
//go:embed data.js
var dataJS string

//go:embed layout.js
var layoutJS string

//go:embed map.js
var mapJS string

//go:embed tables.js
var tablesJS string

//go:embed main.js
var mainJS string

// program is the text of the script, which shares nothing with other scripts.
func program() string {
	return "(() => {\n" + dataJS + layoutJS + mapJS + tablesJS + mainJS + "})()\n"
}

// icon is the picture of a browser's tab, so that a browser need not ask a server for one.
const icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>" +
	"<rect width='16' height='16' rx='3' fill='%231f5f8b'/><path fill='%23fff' d='M3 3h6v10H3zM10 3h3v4h-3z" +
	"M10 8h3v5h-3z'/></svg>"

// Write writes the page of an account, with a title for the browser's tab. The error is the
// writer's, or that of encoding the data.
func Write(w io.Writer, title string, data any) error {
	account, err := json.Marshal(data) // which escapes <, >, & and U+2028
	if err != nil {
		return err
	}
	var head strings.Builder
	head.WriteString("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"" + Policy() + "\">\n" +
		"<title>" + html.EscapeString(title) + "</title>\n<link rel=\"icon\" href=\"" + icon + "\">\n")
	for _, piece := range []string{
		head.String(), "<style>", style, "</style>\n</head>\n<body>\n", body,
		"<script type=\"application/json\" id=\"data\">", string(account), "</script>\n",
		"<script>", program(), "</script>\n</body>\n</html>\n",
	} {
		if _, err := io.WriteString(w, piece); err != nil {
			return err
		}
	}
	return nil
}

// Policy is the page's Content-Security-Policy, for a server that sends it as a header as well.
func Policy() string {
	return "default-src 'none'; script-src '" + hash(program()) + "'; style-src '" + hash(style) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

// hash is the source expression that allows an inline script or style of exactly this text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
