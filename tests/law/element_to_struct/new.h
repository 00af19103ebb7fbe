struct sample {
    int channel;
    struct { float x, y; } pos;
};
