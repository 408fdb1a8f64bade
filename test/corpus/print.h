// Printing for the sequential side of the corpus, written apart from the harness of the sandbox: what both print the same is
// then no agreement of a text with itself.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <climits>
#include <cctype>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

using namespace std;

template <class T>
string text_of(const T &value) {
  ostringstream out;
  out.copyfmt(cout);
  out << value;
  return out.str();
}

template <class T, size_t N>
string text_of(const T (&values)[N]) {
  string text = "[ ";
  for (size_t i = 0; i < N; i++) text += (i ? ", " : "") + text_of(values[i]);
  return text + " ]";
}

template <class F, class... A>
void wrapper(F function, A &&...arguments) {
  string returned = "void";
  if constexpr (is_void_v<decltype(function(arguments...))>) function(arguments...);
  else returned = text_of(function(arguments...));
  string list;
  ((list += (list.empty() ? "" : ", ") + text_of(arguments)), ...);
  cout << "Return value: " << returned << "\nArguments after function call: (" << list << ")\n";
}

// A test begins with a stream that nobody has turned another way.
inline void begin(const char *id, int index) {
  cout.copyfmt(ios(nullptr));
  cout << '\x1e' << id << ' ' << index << '\n' << flush;
}
