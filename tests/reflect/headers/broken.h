// reflect: c
struct Broken {
    unknown_t a;
    int b
};
struct Other { missing_t c; };

//= error 3:5
//= error 6:16
