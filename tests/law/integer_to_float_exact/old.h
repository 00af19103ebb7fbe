struct sample {
    short a;
    unsigned short b;
    int c;
    unsigned int d;
};
