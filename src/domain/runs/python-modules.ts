/**
 * The modules that a Python script can import: the standard library as Pyodide carries it. Some
 * modules are there in name alone: there is no network, no process and no thread behind them.
 */
export const PYTHON_MODULES: readonly string[] = `
  abc annotationlib argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 cProfile calendar
  cmath cmd code codecs codeop collections colorsys compileall compression concurrent configparser contextlib
  contextvars copy copyreg csv ctypes dataclasses datetime decimal difflib dis doctest email encodings enum errno
  faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext
  glob graphlib gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword
  linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath
  nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib
  posix posixpath pprint profile pstats pty py_compile pyclbr pydoc pyexpat queue quopri random re reprlib
  rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver
  sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys
  sysconfig tabnanny tarfile tempfile termios textwrap threading time timeit token tokenize tomllib trace
  traceback tracemalloc tty types typing unicodedata unittest urllib uuid warnings wave weakref webbrowser wsgiref
  xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`
  .trim()
  .split(/\s+/);

/** Names in a requirements text that are not to be had; versions and comments aside. */
export function missingModules(requirements: string): string[] {
  const names = requirements
    .split("\n")
    // Neither extras nor a second version are modules: "requests[a,b]", "requests>=2,<3".
    .map((line) => line.replace(/#.*$/, "").replace(/\[[^\]]*\]/g, ""))
    .flatMap((line) => line.split(/,(?=\s*[A-Za-z_]|\s*$)/))
    .map((one) => one.trim())
    .filter(Boolean)
    .map((line) => line.split(/[\s<>=!~;[(@]/)[0] ?? "");
  return names.filter((name) => !PYTHON_MODULES.includes(name.split(".")[0] ?? ""));
}
