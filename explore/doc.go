// Package explore shows the account of a value in a terminal, to be walked through with the keys, as
// disk usage tools show a disk.
//
// An Explorer is a program of bubbletea over a report, or over two reports of which the older one is
// compared with. A row is a node of the report's tree; what a row shows are the node's bytes with all
// that lies below it, under the model that was chosen.
//
// The figures are those of package report: bytes. Nothing is computed anew but the totals of models
// other than the first, which a report has by node and not by subtree.
package explore
