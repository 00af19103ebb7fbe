struct Hit {
    float x;
    struct { float y; } pos;
};
struct sample {
    struct Hit hit[2];
    int n;
};
