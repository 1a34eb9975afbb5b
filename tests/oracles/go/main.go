// A second opinion on a folder of exported events, from golang.org/x/mod/sumdb: other people's notes and other
// people's trees. Reads the folder, changes nothing, reaches no network. README.md says how to run it.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type manifest struct {
	V       int    `json:"v"`
	Kind    string `json:"kind"`
	Log     string `json:"log"`
	Origin  string `json:"origin"`
	Size    int64  `json:"size"`
	Entries int64  `json:"entries"`
	Files   map[string]struct {
		Sha256 string `json:"sha256"`
		Bytes  int64  `json:"bytes"`
	} `json:"files"`
}

type checkpoint struct {
	where  string
	origin string
	size   int64
	root   tlog.Hash
}

// Every finding's word, in the order of the first of each.
var words []string

func reject(word, format string, args ...any) {
	fmt.Printf("%s: %s\n", word, fmt.Sprintf(format, args...))
	for _, known := range words {
		if known == word {
			return
		}
	}
	words = append(words, word)
}

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func main() {
	var witnesses list
	vkey := flag.String("vkey", "", "the box's key, as text or as a file")
	consistency := flag.String("consistency", "", "consistency proofs to check too: lines of {\"old\":n,\"hashes\":[hex]}")
	flag.Var(&witnesses, "witness", "a checkpoint that was kept elsewhere; may be given several times")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Println("BAD INPUT: usage: go run . [-vkey TEXT|FILE] [-witness NOTEFILE]... FOLDER")
		os.Exit(2)
	}
	if err := check(flag.Arg(0), *vkey, witnesses, *consistency); err != nil {
		fmt.Println("BAD INPUT:", err)
		os.Exit(2)
	}
	if len(words) > 0 {
		fmt.Println("REJECTED:", strings.Join(words, ", "))
		os.Exit(1)
	}
	fmt.Println("OK")
}

func check(folder, vkey string, witnesses []string, consistency string) error {
	var m manifest
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &m); err != nil || m.V != 1 || (m.Kind != "all" && m.Kind != "selection") {
		return fmt.Errorf("manifest.json is not one of version 1 (%v)", err)
	}
	checkFiles(folder, m)
	if vkey == "" {
		fmt.Println("WARNING: the key is the folder's own")
		vkey = filepath.Join(folder, "vkey.txt")
	}
	if text, err := os.ReadFile(vkey); err == nil {
		vkey = string(text)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return err
	}
	own, known, err := checkpoints(folder, m, verifier, witnesses)
	if err != nil || own == nil {
		return err
	}
	if m.Kind == "selection" {
		return checkSelection(folder, m, own)
	}
	stored, err := checkAll(folder, m, own)
	if err != nil {
		return err
	}
	for _, old := range append(known, *own) {
		checkGrowth(stored, own, old)
	}
	if consistency != "" {
		return checkConsistency(consistency, own, known)
	}
	return nil
}

func checkFiles(folder string, m manifest) {
	for name, sum := range m.Files {
		file, err := os.Open(filepath.Join(folder, name))
		if err != nil || filepath.Base(name) != name {
			reject("FILE MISSING", "%q", name)
			continue
		}
		digest := sha256.New()
		length, err := io.Copy(digest, file)
		file.Close()
		if err != nil || length != sum.Bytes || hex.EncodeToString(digest.Sum(nil)) != sum.Sha256 {
			reject("FILE CHANGED", "%s", name)
		}
	}
}

// The folder's own checkpoint, nil where it cannot be believed, and every other of the same log that can.
func checkpoints(folder string, m manifest, v note.Verifier, witnesses []string) (*checkpoint, []checkpoint, error) {
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint.txt"))
	if err != nil {
		return nil, nil, err
	}
	own := open("checkpoint.txt", text, v)
	if own == nil {
		return nil, nil, nil
	}
	if own.origin != m.Origin || own.size != m.Size {
		reject("OTHER LOG", "checkpoint.txt is of %q at %d", own.origin, own.size)
	}
	var known []checkpoint
	keep := func(c *checkpoint) {
		switch {
		case c == nil:
		case c.origin != own.origin:
			reject("OTHER LOG", "%s is of %q", c.where, c.origin)
		case c.size > own.size:
			reject("CUT OFF", "%s covers %d entries, the log as it is here only %d", c.where, c.size, own.size)
		case c.size == own.size && c.root != own.root:
			reject("ROOT DIFFERS", "%s and checkpoint.txt", c.where)
		default:
			known = append(known, *c)
		}
	}
	err = lines(folder, "checkpoints.ndjson", func(number int64, line []byte) error {
		var earlier struct{ Note string }
		if err := json.Unmarshal(line, &earlier); err != nil {
			reject("NOT A CHECKPOINT", "checkpoints.ndjson line %d", number)
			return nil
		}
		keep(open(fmt.Sprintf("checkpoints.ndjson line %d", number), []byte(earlier.Note), v))
		return nil
	})
	for _, path := range witnesses {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		keep(open(path, text, v))
	}
	return own, known, err
}

func open(where string, text []byte, v note.Verifier) *checkpoint {
	opened, err := note.Open(text, note.VerifierList(v))
	if err != nil {
		reject("BAD SIGNATURE", "%s: %v", where, err)
		return nil
	}
	parts := strings.Split(opened.Text, "\n")
	if len(parts) == 4 && parts[3] == "" {
		size, err := strconv.ParseInt(parts[1], 10, 64)
		root, err2 := tlog.ParseHash(parts[2])
		if err == nil && err2 == nil && size >= 0 {
			return &checkpoint{where, parts[0], size, root}
		}
	}
	reject("NOT A CHECKPOINT", "%s", where)
	return nil
}

func lines(folder, name string, each func(number int64, line []byte) error) error {
	file, err := os.Open(filepath.Join(folder, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 64<<20)
	// As they are: ScanLines would drop a carriage return, which the leaf covers.
	scanner.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if at := bytes.IndexByte(data, '\n'); at >= 0 {
			return at + 1, data[:at], nil
		}
		if atEOF && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	for number := int64(1); scanner.Scan(); number++ {
		if err := each(number, scanner.Bytes()); err != nil {
			return err
		}
	}
	return scanner.Err()
}

// The number of an event and whether its line is one of this log.
func header(m manifest, number int64, line []byte) (int64, bool) {
	var h struct {
		Log string
		Seq *int64
	}
	if err := json.Unmarshal(line, &h); err != nil || h.Seq == nil {
		reject("NOT AN EVENT", "entries.ndjson line %d", number)
		return 0, false
	}
	if h.Log != m.Log {
		reject("OTHER LOG", "entry %d is of %q", *h.Seq, h.Log)
	}
	return *h.Seq, true
}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		if index >= int64(len(m)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[at] = m[index]
	}
	return found, nil
}

// Every entry in its place, and the root over all; returns the whole tree.
func checkAll(folder string, m manifest, own *checkpoint) (memory, error) {
	var stored memory
	count, last := int64(0), int64(-1)
	err := lines(folder, "entries.ndjson", func(number int64, line []byte) error {
		if seq, ok := header(m, number, line); ok {
			if seq <= last {
				reject("OUT OF ORDER", "entry %d after %d", seq, last)
			} else {
				if seq > last+1 {
					reject("GAP", "entries %d to %d are missing", last+1, seq-1)
				}
				last = seq
			}
		} else {
			last++
		}
		hashes, err := tlog.StoredHashes(count, line, stored)
		stored = append(stored, hashes...)
		count++
		return err
	})
	if err != nil {
		return nil, err
	}
	switch {
	case count < own.size:
		reject("CUT OFF", "%d entries, the checkpoint covers %d", count, own.size)
	case count > own.size:
		reject("TOO MANY", "%d entries, the checkpoint covers %d", count, own.size)
	}
	fmt.Printf("%d entries\n", count)
	return stored, nil
}

// The tree as it is here has the old one's root at its size, and a consistency proof between the two holds.
func checkGrowth(stored memory, own *checkpoint, old checkpoint) {
	held := func(size int64) bool { return tlog.StoredHashCount(size) <= int64(len(stored)) }
	if old.size == 0 || !held(old.size) {
		return
	}
	root, err := tlog.TreeHash(old.size, stored)
	if err != nil || root != old.root {
		reject("ROOT DIFFERS", "the first %d entries are not those of %s", old.size, old.where)
		return
	}
	if !held(own.size) {
		return
	}
	proof, err := tlog.ProveTree(own.size, old.size, stored)
	if err == nil {
		err = tlog.CheckTree(proof, own.size, own.root, old.size, old.root)
	}
	if err != nil {
		reject("ROOT DIFFERS", "%s: %v", old.where, err)
	}
}

func checkSelection(folder string, m manifest, own *checkpoint) error {
	var proofs []tlog.RecordProof
	var about []int64
	err := lines(folder, "proofs.ndjson", func(number int64, line []byte) error {
		var p struct {
			Seq    int64
			Hashes []string
		}
		if err := json.Unmarshal(line, &p); err != nil {
			return fmt.Errorf("proofs.ndjson line %d: %w", number, err)
		}
		hashes, err := decode(p.Hashes)
		proofs, about = append(proofs, hashes), append(about, p.Seq)
		return err
	})
	if err != nil {
		return err
	}
	count, last := int64(0), int64(-1)
	err = lines(folder, "entries.ndjson", func(number int64, line []byte) error {
		seq, ok := header(m, number, line)
		if ok && seq <= last {
			reject("OUT OF ORDER", "entry %d after %d", seq, last)
		}
		last = seq
		err := errors.New("no proof")
		if count < int64(len(proofs)) && about[count] == seq && seq < own.size && seq >= 0 {
			err = tlog.CheckRecord(proofs[count], own.size, own.root, seq, tlog.RecordHash(line))
		}
		if err != nil {
			reject("NOT PROVEN", "entry %d: %v", seq, err)
		}
		count++
		return nil
	})
	fmt.Printf("%d entries of %d\n", count, own.size)
	return err
}

// Proofs that the box made, between the earlier checkpoints and the folder's own.
func checkConsistency(path string, own *checkpoint, known []checkpoint) error {
	count := 0
	err := lines(filepath.Dir(path), filepath.Base(path), func(number int64, line []byte) error {
		var p struct {
			Old    int64
			Hashes []string
		}
		if err := json.Unmarshal(line, &p); err != nil {
			return err
		}
		hashes, err := decode(p.Hashes)
		if err != nil {
			return err
		}
		for _, old := range known {
			if old.size == p.Old {
				count++
				if err := tlog.CheckTree(hashes, own.size, own.root, old.size, old.root); err != nil {
					reject("NOT PROVEN", "from %d: %v", old.size, err)
				}
			}
		}
		return nil
	})
	fmt.Printf("%d consistency proofs\n", count)
	return err
}

func decode(texts []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(texts))
	for at, text := range texts {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != len(hashes[at]) {
			return nil, fmt.Errorf("%q is not a hash", text)
		}
		copy(hashes[at][:], raw)
	}
	return hashes, nil
}
