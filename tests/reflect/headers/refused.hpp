// reflect: c++
#include <array>
#include <atomic>
#include <string>
#include <vector>
struct Base { int a; };
struct Derived : Base { int b; };
struct Virtual { virtual ~Virtual(); int a; };
struct VirtualBase : virtual Base { int c; };
struct Reference { int& r; int&& rr; };
struct Strings { std::string s; std::vector<int> v; std::array<float, 3> a; };
struct Atomics { std::atomic<int> n; };
struct Members { int Base::*member; int (Base::*method)(); decltype(nullptr) null; };
struct Wide { wchar_t w; char16_t c16; char32_t c32; };
class Hidden { int secret; };
struct Owner { ~Owner(); int fd; };
struct Empty {};
template <class T> struct Generic { T value; };
template <> struct Generic<int> { int value; };
namespace { struct Unnamed { int a; }; }
struct Good { int a; };

//= struct Base size 4 align 4 at 6:8
//=   a int32 @0 {int}
//= struct Good size 4 align 4 at 21:8
//=   a int32 @0 {int}
//= refused 7:18 base-class in Derived: struct Derived : Base
//= refused 8:26 virtual in Virtual: virtual ~Virtual()
//= refused 9:22 base-class in VirtualBase: struct VirtualBase : Base
//= refused 10:25 reference in Reference: int& r
//= refused 10:34 reference in Reference: int&& rr
//= refused 11:30 template in Strings: std::string s
//= refused 11:50 template in Strings: std::vector<int> v
//= refused 12:35 template in Atomics: std::atomic<int> n
//= refused 13:29 pointer in Members: int Base::*member
//= refused 13:49 function-pointer in Members: int (Base::*method)()
//= refused 13:78 pointer in Members: decltype(nullptr) null
//= refused 14:23 wchar in Wide: wchar_t w
//= refused 14:35 wchar in Wide: char16_t c16
//= refused 14:49 wchar in Wide: char32_t c32
//= refused 15:20 access in Hidden: int secret
//= refused 16:8 non-trivial in Owner: struct Owner
//= refused 17:8 empty in Empty: struct Empty
//= refused 18:27 template in Generic: template struct Generic
//= refused 19:20 template in Generic: struct Generic
//= refused 20:20 unnamed in : struct Unnamed { ... }
