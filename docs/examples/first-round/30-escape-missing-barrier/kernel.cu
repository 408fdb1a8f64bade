__global__ void escape_total_kernel(float start, float step, float im, int n, int limit, int *total) {
    __shared__ int count[64];
    int i = threadIdx.x;
    float re = start - i * step;
    float x = 0.0f, y = 0.0f;
    int k = 0;
    while (k < limit && x * x + y * y <= 4.0f) {
        float next = x * x - y * y + re;
        y = 2.0f * x * y + im;
        x = next;
        k++;
    }
    count[i] = k;
    if (i == 0) {
        int sum = 0;
        for (int j = n - 1; j >= 0; j--) {
            sum += count[j];
        }
        *total = sum;
    }
}
